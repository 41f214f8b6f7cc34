"""An engine that a text kills, as a fault of a driver or a lack of memory would."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen
from threading import Event, Thread

from annotator.config.processes import worker
from revision_engine.backends.fake import FakeBackend
from revision_engine.types import Completion

KILLS = "KILLS-THE-ENGINE"


class DyingBackend(FakeBackend):
    """Kills its own process, without a word, when it comes to a text with KILLS."""

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        if any(KILLS in prompt for prompt in prompts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().complete(prompts)


@contextmanager
def engine() -> Iterator[list[int]]:
    """A real worker of the queue `engine`, started anew whenever it dies; gives its
    exit codes."""
    ended: list[int] = []
    stopping = Event()
    env = {
        **os.environ,
        "REVISION_BACKEND": f"{__name__}.DyingBackend",
        "ENGINE_SILENT_SECONDS": "5",
    }

    def keep_running() -> None:
        while not stopping.is_set():
            process = Popen(worker("engine"), env=env)
            while process.poll() is None and not stopping.wait(0.1):
                pass
            if stopping.is_set():
                process.kill()
            ended.append(process.wait())

    thread = Thread(target=keep_running)
    thread.start()
    try:
        yield ended
    finally:
        stopping.set()
        thread.join()
