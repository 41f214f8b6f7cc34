"""Whether a run is still wanted, asked between two passes."""

from __future__ import annotations

import os
import signal

CANCELLED = 128 + signal.SIGTERM
"""The exit code of a run that was asked to stop."""


class Cancelled(Exception):
    """Someone has asked the run to stop."""


class Watch:
    """Whether the run is still wanted: no SIGTERM came, and its parent is there."""

    def __init__(self) -> None:
        self.parent = os.getppid()
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def check(self) -> None:
        if self.asked or os.getppid() != self.parent:
            raise Cancelled
