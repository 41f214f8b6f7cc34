"""A report as sections of blocks, whatever it is printed on: a page or a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from annotator.formats.tables import Cell, Series, Table


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large type."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    href: str = ""

    @property
    def is_words(self) -> bool:
        """Whether it says something in place of a figure."""
        return not any(sign.isdigit() for sign in self.value)


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures beside each other."""

    kind: ClassVar[str] = "tiles"
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars side by side, a group a label; zero at the bottom."""

    kind: ClassVar[str] = "bars"
    caption: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def most(self) -> float:
        return max(
            (value or 0 for each in self.series for value in each.values), default=0
        )


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
