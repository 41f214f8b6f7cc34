"""Whether a later generation of a coach is worse than an earlier one, on shared pairs.

A guard has drifted when two things hold at once:
- the whole 95 % interval of the paired difference (bootstrap over pairs, see metrics)
  lies on the bad side, beyond what the guard tolerates;
- an exchange test agrees after Holm's correction over all comparisons of that coach,
  that is every guard against the reference and against the generation before.

The exchange test gives the two coaches' drafts of a pair each other's name at random.
If the two were alike, that would change nothing, so it keeps its promise on any number
of pairs: a coach just like the others sets off any alarm at all in at most LEVEL of the
checks. Each new generation has that chance again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.evaluation import bootstrap
from training.evaluation.bootstrap import Numbers
from training.evaluation.definitions import FIGURES, Definition
from training.evaluation.figures import (
    AGAINST_RAW,
    COACH,
    CURRENT,
    DIFFERENCE,
    EFFORT_SAVED,
    Figure,
)
from training.evaluation.measuring import Measured
from training.evaluation.metrics import figures
from training.evaluation.rule import Better, Guard

LEVEL = 0.05
"""Chance of any false alarm in one check of one coach."""
WORLDS = 9999
CHUNK = 1000
"""Worlds at a time: a row of coins each, as long as there are pairs."""
EFFORT = Guard(figure=EFFORT_SAVED, better=Better.HIGHER)
_BY_NAME = {figure.name: figure for figure in FIGURES}

Rows = Sequence[Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One guard of one coach beside another coach, on the pairs both drafted."""

    against: str
    figure: str
    unit: str
    pairs: int
    value: float
    other_value: float
    low: float
    high: float
    """95 % bounds of value less other value."""
    tolerance: float
    beyond: bool
    """Whether the whole interval lies on the bad side, beyond the tolerance."""
    p: float
    """One-sided: how often coaches that are alike differ as much in the bad way."""
    adjusted_p: float
    """The same after Holm."""

    @property
    def alarms(self) -> bool:
        return self.beyond and self.adjusted_p <= LEVEL


def watched(guards: Sequence[Guard]) -> list[Guard]:
    """Effort saved, then the guards of the project's rule that can be measured."""
    known = [guard for guard in guards if guard.figure in _BY_NAME]
    return [EFFORT, *(guard for guard in known if guard.figure != EFFORT_SAVED)]


def own(rows: Rows, guards: Sequence[Guard]) -> list[Figure]:
    """A coach's value of each guard with its interval; [] without rows."""
    found = {(f.name, f.side): f for f in figures(rows) if not f.category}
    names = [guard.figure for guard in watched(guards)]
    sides = [(name, side) for name in names for side in (COACH, AGAINST_RAW)]
    return [found[key] for key in sides if key in found]


def compare(
    sides: Mapping[str, tuple[Rows, Rows]], guards: Sequence[Guard], minimum_pairs: int
) -> list[Comparison]:
    """Every guard of a coach beside each other coach, by what that one is to it.

    `sides`: the coach's rows and the other's, of the same pairs in the same order. On
    fewer than `minimum_pairs` nothing is said of them.
    """
    found = [
        one
        for against, (mine, theirs) in sides.items()
        if len(mine) >= minimum_pairs
        for one in _beside(against, mine, theirs, watched(guards))
    ]
    adjusted = holm([one.p for one in found])
    return [replace(one, adjusted_p=p) for one, p in zip(found, adjusted, strict=True)]


def holm(chances: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment: below a level, any false one is as rare as that."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    adjusted, least = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(chances) - rank) * chances[place]))
        adjusted[place] = least
    return adjusted


def _beside(
    against: str, mine: Rows, theirs: Rows, guards: Sequence[Guard]
) -> list[Comparison]:
    known = {(f.name, f.side): f for f in figures(mine, theirs) if not f.category}
    made = []
    for guard in guards:
        gap = known.get((guard.figure, DIFFERENCE))
        value = known.get((guard.figure, COACH)) or known.get(
            (guard.figure, AGAINST_RAW)
        )
        other = known.get((guard.figure, CURRENT))
        if gap and value and other:
            made.append(_compared(against, guard, gap, (value, other), (mine, theirs)))
    return made


def _compared(
    against: str,
    guard: Guard,
    gap: Figure,
    values: tuple[Figure, Figure],
    rows: tuple[Rows, Rows],
) -> Comparison:
    higher = guard.better == Better.HIGHER
    chance = exchange(_BY_NAME[guard.figure], *rows, sign=-1 if higher else 1)
    return Comparison(
        against=against,
        figure=guard.figure,
        unit=gap.unit,
        pairs=gap.n,
        value=values[0].value,
        other_value=values[1].value,
        low=gap.low,
        high=gap.high,
        tolerance=guard.tolerance,
        beyond=(-gap.high if higher else gap.low) > guard.tolerance,
        p=chance,
        adjusted_p=chance,
    )


def exchange(figure: Definition, mine: Rows, theirs: Rows, *, sign: int) -> float:
    """How often names dealt anew within each pair make as large a difference.

    `sign` 1: a larger value of `mine` is the bad way; -1: a smaller one.
    """
    one, two = _columns(figure, mine), _columns(figure, theirs)
    both = np.isfinite(one + two).all(axis=1)
    one, two = one[both], two[both]
    seen = sign * float(figure.value(one.sum(0)) - figure.value(two.sum(0)))
    if not np.isfinite(seen):
        return 1.0
    chance = np.random.default_rng(bootstrap.SEED)
    as_bad = 0
    for start in range(0, WORLDS, CHUNK):
        size = min(CHUNK, WORLDS - start)
        coins = chance.integers(0, 2, (size, len(one))).astype(float)
        # Swapped pairs take the difference with them to the other side.
        moved = coins @ (two - one)
        first, second = one.sum(0) + moved, two.sum(0) - moved
        gaps = sign * (figure.value(first) - figure.value(second))
        as_bad += int((~(gaps < seen - 1e-12)).sum())  # undefined counts as bad
    return (1 + as_bad) / (1 + WORLDS)


def _columns(figure: Definition, rows: Rows) -> Numbers:
    return np.array([figure.columns(row, row.draft) for row in rows], dtype=float)
