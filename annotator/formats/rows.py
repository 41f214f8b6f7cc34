"""What a file of pairs is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from annotator.domain.saying import gettext
from revision_engine.types import PairText

MAX_FIELD_CHARS = 20_000
MAX_ID_CHARS = 200
MAX_CATEGORY_CHARS = 80
MAX_SOURCE_CHARS = 2_000
MAX_COLUMNS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A draft of a pair that another model wrote elsewhere."""

    text: PairText
    model: str
    version: str = ""
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class PairRow:
    """One good row. `number` counts from 1; in JSONL it is the line.

    Nobody alters one; to be frozen would cost each a microsecond.
    """

    number: int
    instruction: str
    input: str
    response: str
    revised: PairText | None = None
    draft: Brought | None = None
    external_id: str = ""
    category: str = ""
    context: Sequence[Mapping[str, Any]] = ()
    """The turns before it, the first one first: role, content, and what else the file
    said of a turn."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """How its file wrote it, so that it can go out again in the same way: `name` of the
    shape, `columns` by field, and of a chat what stood around the exchange
    (formats/shapes/exchanges). Empty for Alpaca's own keys."""
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
Named: TypeAlias = Mapping[str, tuple[str, Any]]
"""Of each field that a row has: what the file calls it, and the cell."""
ReadRow: TypeAlias = Callable[[int, object], PairRow | RowProblem]
"""What a decoded row of that number means."""


def remarks_on(row: Row) -> list[str]:
    """The sentences that a row, or the file, gives rise to and that cost no pair."""
    match row:
        case FileRemark():
            return [row.message]
        case PairRow():
            told = gettext("row %(row)s: %(problem)s")
            return [told % {"row": row.number, "problem": each} for each in row.remarks]
    return []


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says why."""


class UnknownShape(UnreadableFile):
    """Its rows can be read, but not what they mean: a person may say that."""
