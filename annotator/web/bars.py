"""Charts as shapes for SVG: no script draws them, and colours come from the style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotator.formats.paper import Bars, Block, Section

HEIGHT = 100
"""Of a picture, in its own units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a group; all in the picture's units."""

    x: int
    y: float
    height: float
    hue: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars over one label."""

    label: str
    bars: Sequence[Bar]

    @property
    def width(self) -> int:
        return max(1, len(self.bars))


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of bars, and what its highest line stands for."""

    caption: str
    most: float
    legend: Sequence[tuple[int, str]]
    """Hue and name."""
    groups: Sequence[BarGroup]


@dataclass(frozen=True, slots=True)
class PrintedBar:
    """A block, with its picture if it is one."""

    block: Block
    picture: Picture | None


def with_pictures(
    sections: Sequence[Section],
) -> list[tuple[Section, list[PrintedBar]]]:
    """Each section with its blocks, those with bars drawn."""
    return [
        (
            section,
            [
                PrintedBar(block, picture(block) if isinstance(block, Bars) else None)
                for block in section.blocks
            ],
        )
        for section in sections
    ]


def picture(bars: Bars) -> Picture:
    """Draw bars: the largest value as high as the picture."""
    return Picture(
        caption=bars.caption,
        most=bars.most,
        legend=[(each.hue, each.label) for each in bars.series],
        groups=[_group(bars, place, label) for place, label in enumerate(bars.labels)],
    )


def _group(bars: Bars, place: int, label: str) -> BarGroup:
    found = []
    for x, each in enumerate(bars.series):
        value = each.values[place] or 0
        height = round(HEIGHT * value / bars.most, 2) if bars.most else 0.0
        found.append(
            Bar(x, round(HEIGHT - height, 2), height, each.hue, each.label, value)
        )
    return BarGroup(label, found)
