"""Which processes are ours, told by what they are, and how they are ended.

No number is trusted that was written down: a file may be cut off, and the system uses
a process's number again. A child carries the folder it works for in its environment;
a server, which overwrites that, is told by its name and the folder it runs in.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "COACHLM_CHILD_OF"
"""Names, in a child's environment, the folder that its `up` keeps its data in."""


def group(number: int) -> list[psutil.Process]:
    """The living members of a process group, such as workers of a dead parent."""
    return list(_living(lambda process: os.getpgid(process.pid) == number))


def marked(folder: Path) -> list[psutil.Process]:
    """The living children of any `up` in this folder, and their children."""
    mark = str(folder.resolve())
    return list(_living(lambda process: process.environ().get(MARK) == mark))


def servers(name: str, folder: Path) -> list[psutil.Process]:
    """The living processes of this name that run in this folder."""
    place = str(folder.resolve())
    return list(
        _living(lambda process: name in process.name() and process.cwd() == place)
    )


def _living(is_one: Callable[[psutil.Process], bool]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        # Ended meanwhile, or another user's: then it is none of ours.
        with suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or not is_one(process):
                continue
            if _lives(process):
                yield process


def _lives(process: psutil.Process) -> bool:
    """A zombie does not: it is a number that its parent, who may never look for it (a
    container's first process often does not), has yet to take back."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def tell(processes: Sequence[psutil.Process], number: int) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def end(
    processes: Sequence[psutil.Process],
    *,
    ask_with: int = signal.SIGTERM,
    seconds: float = 10.0,
) -> None:
    """Ask them to end, wait, make them, and see them gone."""
    tell(processes, ask_with)
    alive = _wait(processes, seconds)
    tell(alive, signal.SIGKILL)
    _wait(alive, 5.0)


def _wait(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still live after this time."""
    limit = time.monotonic() + seconds
    while (alive := [p for p in processes if _lives(p)]) and time.monotonic() < limit:
        time.sleep(0.02)
    return alive
