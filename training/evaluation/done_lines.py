"""What was made before a kill: JSON lines, each with the coach that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from revision_engine.types import CoachRef


def keep(path: Path, coach: CoachRef, **values: Any) -> None:
    """Add one line."""
    line = {"coach": coach.as_dict(), **values}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def kept(path: Path, coach: CoachRef) -> Iterator[dict[str, Any]]:
    """The lines of this very coach."""
    for row in rows(path):
        if row.get("coach") == coach.as_dict():
            yield row


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """All lines; one that a kill left half-written is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row
