"""A run's log: one JSON object a line, flushed, so that it survives a kill."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class Progress:
    """Appends to `progress.jsonl` of a run's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "progress.jsonl"
        self.started = time.monotonic()

    def say(self, kind: str, **values: Any) -> None:
        """Log one event; `s` is the seconds since the process began."""
        seconds = round(time.monotonic() - self.started, 2)
        line = json.dumps({"kind": kind, "at": time.time(), "s": seconds, **values})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
