"""A pytest plugin: what requirements/train.txt brings is not here.

Load it by `-p`, so that nothing is imported before; import it nowhere, or nothing of
all that is there afterwards.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

from tests.second_part import TRAINING


class Nowhere:
    """A finder that says of these modules what Python says of missing ones."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec:
        if name.partition(".")[0] in TRAINING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None  # type: ignore[return-value]


sys.meta_path.insert(0, Nowhere)  # type: ignore[arg-type]
