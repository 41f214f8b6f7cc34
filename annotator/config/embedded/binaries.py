"""Where the packages keep the servers' programs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from annotator.config.children import CannotStart


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"{name} is not installed: run ./coachlm up again.")
    return Path(spec.origin).parent
