"""What a file of pairs is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from revision_engine.types import PairText

MAX_FIELD_CHARS = 20_000
MAX_ID_CHARS = 200
MAX_CATEGORY_CHARS = 80
MAX_SOURCE_CHARS = 2_000
MAX_COLUMNS = 1_000


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
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else the file said, by column; an id or category only where the text above
    is not the file's own value to the letter (7 is not "7")."""
    remarks: tuple[str, ...] = ()
    """What is odd about the row and did not cost the pair."""

    @property
    def text(self) -> PairText:
        """The raw pair."""
        return PairText(
            instruction=self.instruction, input=self.input, response=self.response
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One row that cannot be used, and why."""

    number: int
    message: str
    source: str
    """The row as it stood, cut at 2,000 characters."""
    is_other_format: bool = False
    """The row is whole, but of another shape than instruction, input, response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRemark:
    """Something about the file that nobody would guess, and that cost no pair."""

    message: str


Row: TypeAlias = PairRow | RowProblem | FileRemark


def remarks_on(row: Row) -> list[str]:
    """The sentences that a row, or the file, gives rise to and that cost no pair."""
    match row:
        case FileRemark():
            return [row.message]
        case PairRow():
            return [f"row {row.number}: {remark}" for remark in row.remarks]
    return []


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says why."""
