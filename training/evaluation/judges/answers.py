"""What a server has answered, kept by what it was asked: nothing is paid for twice.

JSON lines in a folder, in one of 256 files by the question's digest. Each is added in
one write, so that several processes may share the folder, and begins with the line
feed, so that one that a kill left half-written spoils no other.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it came."""

    text: str
    problem: str = ""
    """Empty, or why there is no text."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


def question_key(server: str, body: dict[str, Any]) -> str:
    """SHA-256 of all that was asked, and whom."""
    told = json.dumps([server, body], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


class Answers:
    """Those of one folder; each file is read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, dict[str, Answer]] = {}

    def get(self, key: str) -> Answer | None:
        return self._of(key[:2]).get(key)

    def keep(self, key: str, answer: Answer) -> None:
        self._of(key[:2])[key] = answer
        self.folder.mkdir(parents=True, exist_ok=True)
        line = "\n" + json.dumps({"key": key, **asdict(answer)})
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        file = os.open(self._path(key[:2]), flags, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    def _path(self, part: str) -> Path:
        return self.folder / f"{part}.jsonl"

    def _of(self, part: str) -> dict[str, Answer]:
        if part not in self._read:
            self._read[part] = dict(_lines(self._path(part)))
        return self._read[part]


def _lines(path: Path) -> list[tuple[str, Answer]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            told = json.loads(line)
            found.append((told.pop("key"), Answer(**told)))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found
