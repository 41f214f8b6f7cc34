"""How far the packages are that training needs, as `./coachlm up` tells it while it
installs them beside the running product."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import psutil


class State(StrEnum):
    """Of an installation that `up` has begun."""

    INSTALLING = "installing"
    FAILED = "failed"
    """It is tried again: see `tries_at`."""
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What `up` last said of it. Moments are seconds since 1970, 0 where there is none.

    Where the set was there when `up` started, there is no such thing.
    """

    state: str
    began_at: float
    ended_at: float = 0.0
    tries_at: float = 0.0
    doing: str = ""
    """What is fetched or installed now, and how much of it is done."""
    cause: str = ""
    """A training.causes.Cause of the last failure, where it is known."""
    problem: str = ""
    """The last words of what failed."""
    holds: tuple[str, ...] = ()
    """Queues whose workers wait for it."""
    pid: int = 0
    """Of the `up` that says so, with its birth: when it is gone, nothing is known."""
    birth: float = 0.0

    @property
    def is_pending(self) -> bool:
        return self.state != State.READY

    @property
    def minutes(self) -> int:
        return int(max(0.0, time.time() - self.began_at) // 60)

    def text(self) -> str:
        return json.dumps(asdict(self))


def read(path: Path) -> Installation | None:
    """What is said there; None where nobody who lives says anything."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        told = Installation(**{**found, "holds": tuple(found["holds"])})
        born = psutil.Process(told.pid).create_time()
    except (OSError, KeyError, TypeError, ValueError, psutil.Error):
        return None
    return told if abs(born - told.birth) < 1 else None
