"""A run's log: one JSON object a line, flushed, so that it survives a kill."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.causes import Failed, likely

MAX_SENTENCE_CHARS = 500


class Progress:
    """Appends to `progress.jsonl` of a run's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "progress.jsonl"
        self.started = time.monotonic()
        self._drop_half_a_line()

    def say(self, kind: str, **values: Any) -> None:
        """Log one event; `s` is the seconds since the process began."""
        seconds = round(time.monotonic() - self.started, 2)
        line = json.dumps({"kind": kind, "at": time.time(), "s": seconds, **values})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _drop_half_a_line(self) -> None:
        """What a crash left behind a last line break is no line; nobody has read it."""
        if not self.path.exists():
            return
        with self.path.open("rb+") as file:
            file.truncate(file.read().rfind(b"\n") + 1)


@contextlib.contextmanager
def telling(folder: Path) -> Iterator[None]:
    """Write into a run's progress why what is done here fails; the failure goes on."""
    try:
        yield
    except Failed as fault:
        _tell(folder, fault.cause, str(fault))
        raise
    except Exception as fault:
        sentence = f"{type(fault).__name__}: {fault}"
        _tell(folder, likely(sentence) or "", sentence)
        raise


def _tell(folder: Path, cause: str, sentence: str) -> None:
    """Where even that cannot be written, such as on a full disk, the log must do."""
    line = sentence.strip().partition("\n")[0][:MAX_SENTENCE_CHARS]
    with contextlib.suppress(OSError):
        Progress(folder).say("failed", cause=cause, sentence=line)
