"""What a file of pairs is made of."""

from __future__ import annotations

from dataclasses import dataclass

from revision_engine.types import PairText

MAX_FIELD_CHARS = 20_000
MAX_ID_CHARS = 200
MAX_CATEGORY_CHARS = 80
MAX_SOURCE_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """One good row. `number` counts from 1; in JSONL it is the line."""

    number: int
    instruction: str
    input: str
    response: str
    revised: PairText | None = None
    external_id: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One row that cannot be used, and why."""

    number: int
    message: str
    source: str
    """The row as it stood, cut at 2,000 characters."""


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says why."""
