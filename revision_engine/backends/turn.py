"""Who may use the processor: a text that a person waits for goes before any batch.

Two worker processes share a machine, so the sign is a lock on a file: held while such
a text is written, and looked at by a batch before each step. The system takes it back
from a process that is killed.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = ".turn"


@contextmanager
def first(folder: Path) -> Iterator[None]:
    """Hold the turn: batches of other processes stand still meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def giving_way(folder: Path) -> Iterator[_Gate]:
    """What a batch calls before each step: it waits while another holds the turn."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("w") as file:
        yield _Gate(file.fileno())


class _Gate:
    def __init__(self, file: int) -> None:
        self._file = file

    def __call__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_SH)
        fcntl.flock(self._file, fcntl.LOCK_UN)
