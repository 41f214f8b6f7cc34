"""What reviews say about two coaches, side by side, with intervals.

Intervals are bootstrapped over people: the reviews of one person are alike, and a
person's reviews of both coaches are drawn together. The bootstrap's standard error is
multiplied by Student's t for that many people, since percentiles of a few people are
too narrow. With fewer than MIN_PEOPLE there is nothing to draw from, so reviews are
drawn instead, and the interval speaks of these people only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from annotator.domain.intervals import Interval
from annotator.domain.resampling import (
    Draws,
    Mask,
    Numbers,
    draw_alike,
    draw_people,
    draw_rows,
    medians,
    ratios,
)

MIN_PEOPLE = 5
"""From so many people on, people are drawn; below, reviews."""
LEVEL = 0.95
"""Of the intervals that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One review that counts."""

    by_challenger: bool
    person: int
    edited: int
    """Characters between draft and final text."""
    drafted: int
    """Characters of the draft."""
    accepted: bool
    """Sent in exactly as a usable draft had it."""
    seconds: float
    """Active; 0 where nothing was clocked: left out of the times."""
    returned: bool | None
    """By quality control; None: not judged yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both sides; None where there is nothing to divide by."""

    name: str
    champion: Interval | None
    challenger: Interval | None
    difference: Interval | None
    """Challenger less champion."""
    n_champion: int
    """Reviews (or drafts) that it was measured on."""
    n_challenger: int


class FigureName(StrEnum):
    """The figures."""

    EDITED = "edited"
    EDITED_SHARE = "edited_share"
    ACCEPTED = "accepted"
    MEDIAN_SECONDS = "median_seconds"
    MEAN_SECONDS = "mean_seconds"
    RETURNED = "returned"
    UNUSABLE = "unusable"


SHARES = frozenset({FigureName.ACCEPTED, FigureName.RETURNED, FigureName.UNUSABLE})
Columns = Callable[[Reviewed], tuple[float, float]]
# Each is a sum over reviews by another sum: above, below.
RATIOS: dict[FigureName, Columns] = {
    FigureName.EDITED: lambda r: (r.edited, 1),
    FigureName.EDITED_SHARE: lambda r: (r.edited, r.drafted),
    FigureName.ACCEPTED: lambda r: (r.accepted, 1),
    FigureName.MEAN_SECONDS: lambda r: (r.seconds, r.seconds > 0),
    FigureName.RETURNED: lambda r: (r.returned is True, r.returned is not None),
}


def enough_people(rows: Sequence[Reviewed]) -> bool:
    """Whether the intervals are over people."""
    return len({row.person for row in rows}) >= MIN_PEOPLE


def draws_of(rows: Sequence[Reviewed]) -> Draws:
    """Draw people if there are enough of them, else reviews; always the same."""
    if enough_people(rows):
        return draw_people([row.person for row in rows])
    return draw_rows(len(rows))


def compare(rows: Sequence[Reviewed], level: float = LEVEL) -> list[Compared]:
    """Every figure of the reviews, side by side; [] without any."""
    if not rows:
        return []
    draws = draws_of(rows)
    found = {name: ratio(rows, draws, name, level) for name in RATIOS}
    found[FigureName.MEDIAN_SECONDS] = _median(rows, draws, level)
    return [found[name] for name in FigureName if name in found]


def compare_drafts(drafts: Sequence[tuple[bool, bool]]) -> Compared | None:
    """Unusable drafts, from (by the challenger, unusable); None without any.

    Drafts have no person yet: they are drawn one by one.
    """
    if not drafts:
        return None
    draws = draw_alike([2 * theirs + unusable for theirs, unusable in drafts])
    columns = np.array([[unusable, 1.0] for _, unusable in drafts])
    side = np.array([by_challenger for by_challenger, _ in drafts])
    return _compared(FigureName.UNUSABLE, columns, side, draws, LEVEL)


def ratio(
    rows: Sequence[Reviewed], draws: Draws, name: FigureName, level: float
) -> Compared:
    columns = np.array([RATIOS[name](row) for row in rows], dtype=np.float64)
    return _compared(name, columns, side_of(rows), draws, level)


def side_of(rows: Sequence[Reviewed]) -> Mask:
    return np.array([row.by_challenger for row in rows])


def _compared(
    name: FigureName, columns: Numbers, side: Mask, draws: Draws, level: float
) -> Compared:
    values = [ratios(columns, side == is_theirs, draws) for is_theirs in (0, 1)]
    counted = columns[:, 1] > 0
    ns = [int((counted & (side == is_theirs)).sum()) for is_theirs in (0, 1)]
    return _both(name, values, ns, draws, level)


def _median(rows: Sequence[Reviewed], draws: Draws, level: float) -> Compared:
    seconds = np.array([row.seconds for row in rows])
    side, clocked = side_of(rows), seconds > 0
    sides = [clocked & (side == is_theirs) for is_theirs in (0, 1)]
    values = [medians(seconds, mine, draws) for mine in sides]
    ns = [int(mine.sum()) for mine in sides]
    return _both(FigureName.MEDIAN_SECONDS, values, ns, draws, level)


def _both(
    name: FigureName,
    values: Sequence[Numbers],
    ns: Sequence[int],
    draws: Draws,
    level: float,
) -> Compared:
    champion, challenger = (
        _interval(name, of_side, n, draws, level)
        for of_side, n in zip(values, ns, strict=True)
    )
    return Compared(
        name=name,
        champion=champion,
        challenger=challenger,
        difference=_difference(name, values, champion, challenger, draws, level),
        n_champion=ns[0],
        n_challenger=ns[1],
    )


def _interval(
    name: FigureName, values: Numbers, n: int, draws: Draws, level: float
) -> Interval | None:
    value = float(values[0])
    if not np.isfinite(value):
        return None
    if name in SHARES and value in (0, 1):
        return _edge(value, n, level)
    half = draws.spread(values, level)
    high = min(value + half, 1) if name in SHARES else value + half
    return Interval(value, max(value - half, 0), high)


def _edge(value: float, n: int, level: float) -> Interval:
    """None or all of n: a resample never differs, so Clopper and Pearson's bound."""
    room = 1 - ((1 - level) / 2) ** (1 / n)
    return Interval(value, 0.0, room) if value == 0 else Interval(value, 1 - room, 1.0)


def _difference(
    name: FigureName,
    values: Sequence[Numbers],
    champion: Interval | None,
    challenger: Interval | None,
    draws: Draws,
    level: float,
) -> Interval | None:
    if champion is None or challenger is None:
        return None
    value = challenger.value - champion.value
    if name in SHARES and {champion.value, challenger.value} <= {0, 1}:
        low, high = challenger.low - champion.high, challenger.high - champion.low
        return Interval(value, low, high)
    half = draws.spread(values[1] - values[0], level)
    return Interval(value, value - half, value + half)
