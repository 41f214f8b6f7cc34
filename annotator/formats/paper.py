"""A report as sections of blocks, whatever it is printed on: a page or a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Cell:
    """Some text, where its rows are to be seen, and a word beneath it."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, with the unit of what stands below it."""

    text: str
    unit: str = ""
    is_number: bool = True
    wide: int = 1
    """Share of the width, beside the other columns'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows as wide as the heads; `empty` is said where there is none."""

    kind: ClassVar[str] = "table"
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    is_folded: bool = False
    """The numbers of a chart: a screen shows them on demand, paper has them on bars."""

    @property
    def with_heads(self) -> list[list[tuple[Head, Cell]]]:
        """Each row's cells with the heads they stand under."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large type."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures beside each other."""

    kind: ClassVar[str] = "tiles"
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: a value a label."""

    name: str
    hue: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars side by side, a group a label; zero at the bottom."""

    kind: ClassVar[str] = "bars"
    caption: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def most(self) -> int:
        return max((max(each.values, default=0) for each in self.series), default=0)


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences, one a line."""

    kind: ClassVar[str] = "words"
    sentences: tuple[Cell, ...]


Block = Table | Tiles | Bars | Words


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a title."""

    name: str
    """For addresses: the same in every language."""
    title: str
    blocks: tuple[Block, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole report."""

    title: str
    of: str
    """The project."""
    lead: str
    made: str
    page: str
    """"Page {n} of {all}" in the language of the paper."""
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    replaced: str
    """What is said where {n} different characters could not be shown."""
