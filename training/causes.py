"""What most likely stopped a run, told by the last lines of its log."""

from __future__ import annotations

import re
from enum import StrEnum


class Cause(StrEnum):
    """Causes that have a remedy a person can apply."""

    MEMORY = "memory"
    DISK = "disk"
    DIVERGED = "diverged"
    BASE_MODEL = "base_model"
    NETWORK = "network"
    TARGETS = "targets"
    TOO_LONG = "too_long"
    WORKER_GONE = "worker_gone"
    SETTING = "setting"
    PERMISSION = "permission"


# The first that is found wins: put the more telling one before the more common one.
_SIGNS = {
    Cause.WORKER_GONE: r"has not been heard of|process that started this run is gone",
    Cause.MEMORY: r"out of memory|MemoryError|cannot allocate|killed by signal 9",
    Cause.DISK: r"no space left|disk quota",
    Cause.DIVERGED: r"\bnan\b|not finite|diverged",
    Cause.TARGETS: r"target modules?\b.*not found|no modules were targeted",
    Cause.TOO_LONG: r"no example fits",
    Cause.NETWORK: r"connection ?error|couldn't connect|name resolution|offline mode",
    Cause.BASE_MODEL: (
        r"not a local folder|not a valid model identifier|unrecognized (model|config)"
        r"|no such base|does not appear to have a file named"
    ),
    Cause.PERMISSION: r"permission denied|read-only file system",
    Cause.SETTING: r"must be (at least|in|above|one of)|unknown training setting",
}


def likely(problem: str, log: str = "") -> Cause | None:
    """The likely cause of a failure; the sentence counts before the log."""
    for text in (problem, log):
        for cause, sign in _SIGNS.items():
            if re.search(sign, text, re.IGNORECASE):
                return cause
    return None
