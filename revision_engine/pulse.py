"""Signs of life: told from a thread of its own while the engine works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 900.0
"""Seconds without any progress after which an engine hangs, and is as good as dead.
Long enough to load a large model, and for a server's tries."""


@contextmanager
def beating(
    tell: Callable[[], None], *, every: float, patience: float = PATIENCE
) -> Iterator[Callable[[], None]]:
    """Call `tell` at once, and then every so many seconds until the block ends.

    Gives what the block is to call whenever it has got further: without that for
    `patience` seconds nothing is told any more.
    """
    tell()
    got_further = time.monotonic()
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(every):
            if time.monotonic() - got_further > patience:
                return
            tell()

    def further() -> None:
        nonlocal got_further
        got_further = time.monotonic()

    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield further
    finally:
        ended.set()
        thread.join()
