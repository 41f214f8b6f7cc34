"""Tables of figures and words: the same on a page, behind a chart, as CSV and as PDF.

Texts of people may stand in any field but `markup`: whatever prints a table escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, with the unit of what stands below it."""

    label: str
    unit: str = ""
    _: KW_ONLY
    is_text: bool = False
    """Words stand at the start of a column, numbers at its end."""
    wide: int = 1
    """Share of the width of paper, beside the other columns'."""
    href: str = ""
    is_unseen: bool = False
    """For the ear alone: the cells below speak for themselves."""
    markup: str = ""
    """A picture in place of the label, as safe markup."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, or some words."""

    value: Value
    digits: int = 0
    """After the point, where people read it; CSV has all."""
    _: KW_ONLY
    href: str = ""
    """The rows it was counted from, or what it names."""
    note: str = ""
    """A word beside it, in small type."""
    below: str = ""
    """The same on a line of its own, or on some."""
    whole: float = 0
    """What a bar is drawn out of; 0: no bar."""
    state: str | None = None
    """The state whose mark stands before it, if any."""
    is_strong: bool = False
    is_faint: bool = False
    """For what is not there, or less worth reading."""
    unseen: str = ""
    """Said after the text, for the ear alone."""
    look: str = ""
    """Classes of the style."""
    lang: str = ""
    """Of a text of a pair."""
    printed: str = ""
    """How people read the value, where CSV has another form: a day."""
    markup: str = ""
    """What a screen shows in its place: a form, a picture, as safe markup."""

    @property
    def text(self) -> str:
        if self.printed:
            return self.printed
        if self.value is None:
            return "–"
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:,.{self.digits}f}".replace(
            ",", "\N{NARROW NO-BREAK SPACE}"
        )

    @property
    def line(self) -> str:
        """All its words on one line, for paper."""
        beside = " ".join([*self.note.split(), *self.below.split()])
        return f"{self.text}  ({beside})" if beside else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows as wide as the heads; `empty` is said where there is none."""

    kind: ClassVar[str] = "table"
    key: str = ""
    """Its name in addresses."""
    caption: str
    is_captioned: bool = False
    """Whether the caption is for the eye, too; else a title above says it."""
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    named_by: int | None = 0
    """The column that names the row, if one does."""
    few: Sequence[bool] = ()
    """Of each row: whether it rests on few reviews."""
    looks: Sequence[str] = ()
    """Of each row: a class of the style."""
    titles: Mapping[int, str] = field(default_factory=dict)
    """Of groups of rows, by the place of their first."""
    empty: str = ""
    look: str = ""
    is_folded: bool = False
    """The numbers of a chart: a screen shows them on demand, paper has them on bars."""
    folds_zeros: bool = False
    """Whether a screen names the rows without a figure on one line, at the end."""
    csv: str = ""
    """Where it is to be had as CSV."""

    @property
    def zeros(self) -> Sequence[int]:
        """Places of the rows that are folded: not one of their figures is above 0."""
        if not self.folds_zeros:
            return []
        figures = [n for n, head in enumerate(self.heads) if not head.is_text]
        return [
            place
            for place, row in enumerate(self.rows)
            if not any(row[n].value for n in figures)
        ]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one row of bars, of a chart."""

    label: str
    values: Sequence[float | None]
    hue: int
    """Which of the palette's colours (static/css/tokens.css)."""
    look: str = "line"
    """bars, line, dash or dots: never colour alone."""
    digits: int = 0
