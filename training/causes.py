"""What stopped a run: as its process told it, or guessed from its last words.

A recipe that knows why it cannot go on raises `Failed`; progress.telling writes that
into the run's progress file. Only for a process that was killed, or that said nothing,
a guess is made from its log.
"""

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
    PACKAGES = "packages"


class Failed(SystemExit):
    """A process of a run cannot go on, and knows why: one sentence, exit code 1."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


# The first that is found wins: put the more telling one before the more common one.
_SIGNS = {
    Cause.WORKER_GONE: r"has not been heard of|process that started this run is gone",
    Cause.PACKAGES: (
        r"No module named '(torch|transformers|peft|accelerate|safetensors)\b"
    ),
    Cause.MEMORY: (
        r"out of memory|MemoryError|(cannot|can't) allocate"
        r"|killed by signal 9|\bSIGKILL\b"
    ),
    Cause.DISK: r"no space left|disk quota",
    Cause.DIVERGED: r"\bloss became\b|\bnan\b|not finite|diverged",
    Cause.TARGETS: (
        r"target modules?\b.*not found|no modules were targeted|no linear layer named"
    ),
    Cause.TOO_LONG: r"no example fits|none fits in max_tokens",
    Cause.NETWORK: r"connection ?error|couldn't connect|name resolution|offline mode",
    Cause.BASE_MODEL: (
        r"not a local folder|not a valid model identifier|unrecognized (model|config)"
        r"|no such base|does not appear to have a file named"
        r"|base model .* could not be loaded|package of the default base model"
    ),
    Cause.PERMISSION: r"permission denied|read-only file system",
    Cause.SETTING: (
        r"must be (at least|in|above|one of)|unknown training setting"
        r"|cannot be used|cannot change on the way|goes on from is of another"
    ),
}


def likely(problem: str, log: str = "") -> Cause | None:
    """The likely cause of a failure; the sentence counts before the log."""
    for text in (problem, log):
        for cause, sign in _SIGNS.items():
            if re.search(sign, text, re.IGNORECASE):
                return cause
    return None


_ERROR = re.compile(r"(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)\b.*")
"""The line that ends a traceback."""
_NOISE = re.compile(
    r"\s|.*\w*Warning\b|warnings\.warn|Traceback |.*\d+%\||.*\bit/s\b|.*\[rank\d"
)
"""Lines of source and of tracebacks, warnings and progress bars: no last words."""


def last_words(log: str) -> str:
    """The line of a log that tells best why it ends; empty if none tells anything."""
    lines = [line for line in re.split(r"[\r\n]+", log) if line.strip()]
    errors = [line for line in lines if _ERROR.fullmatch(line)]
    words = [line for line in lines if not _NOISE.match(line)]
    newest = errors[-1:] or words[-1:]
    return newest[0].strip() if newest else ""
