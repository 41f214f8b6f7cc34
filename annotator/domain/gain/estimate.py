"""The efficiency number: how many more pairs people get accepted with the coach.

**The figure** is the ratio of two speeds, accepted pairs a person-day of 8 active
hours, with the coach and without. Every active second on a settled pair counts:
reviews, work that was sent back and done again, and pairs that were given up.

**The comparison is causal** because a hash deals pairs to the arms, within each batch,
length band and category. People do not share pairs evenly, so both arms are brought to
the same mix of work: within each stratum (person x band x category) an arm's means are
weighted with n1 n0 / (n1 + n0), Mantel and Haenszel's weight, and the weighted sums
are divided: (A1/S1) / (A0/S0). A stratum that lacks an arm has no weight. If the gain
differs between people or kinds, this is the gain of that mix, slow pairs counting for
more: not the mean of people's gains.

**The interval** is of log(ratio). From MIN_PEOPLE people on, people are drawn with all
their pairs (bootstrap), times Student's t for that many people: it speaks of people
like these. With fewer, pairs are drawn within people, by formula: it speaks of these
people only, and does not cover that others may gain less. docs/efficiency.md has the
simulation that both were chosen by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from annotator.domain.challenge.figures import LEVEL, MIN_PEOPLE
from annotator.domain.gain.cells import ARMS, PAIRS, GainCell, Key, finest
from annotator.domain.gain.spreads import (
    SIGNS,
    quantile,
    standardised,
    variance_of_pairs,
    variance_of_people,
)
from annotator.domain.intervals import Interval
from annotator.domain.resampling import Numbers
from annotator.domain.states import Arm

DAY_SECONDS = 8 * 3600
"""Active seconds of a person-day."""
LEAST_PAIRS = 30
"""Of each arm, in strata that have both, before a ratio is shown."""
LEAST_PEOPLE = 2
"""The same, of a whole team."""
NARROW = math.log(1.05)
"""Half an interval that is narrow enough to act on: within 5 %."""

STRATA: tuple[Key, ...] = (
    lambda cell: (cell.band, cell.category),
    lambda cell: cell.band,
    lambda cell: None,
)
"""Beside the person: the finest that the smaller arm can fill is taken."""
WEEKS: tuple[Key, ...] = (lambda cell: cell.week, lambda cell: None)
"""For one coach: against control pairs of the weeks in which it drafted."""


class Code(StrEnum):
    """What may be said."""

    TOO_FEW = "too_few"
    """No ratio is shown."""
    UNDECIDED = "undecided"
    """The interval holds 1 and is wide."""
    EVEN = "even"
    """The interval holds 1 and is narrow."""
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class ArmSide:
    """One arm."""

    pairs: int
    """Settled pairs, once for each person who held one."""
    accepted: int
    seconds: float
    """Active, on all of these pairs."""
    compared: int
    """Of the pairs: in strata that have both arms."""
    per_day: float | None
    """Accepted pairs a person-day, of the mix of work that both arms are brought to."""

    @property
    def hours(self) -> float:
        return self.seconds / 3600

    @property
    def counted_per_day(self) -> float | None:
        """The same as counted, whoever worked on what."""
        return DAY_SECONDS * self.accepted / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class Lacking:
    """About how much more work until something can be said."""

    pairs: int | None = None
    """Settled pairs of both arms, dealt as so far; None: that alone will not do."""
    smaller: int | None = None
    """Of these: of the arm that has fewer."""
    people: int | None = None
    """More people, each with as many pairs as the others, if pairs alone won't do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The efficiency number of some cells."""

    code: Code
    control: ArmSide
    coached: ArmSide
    people: int
    """With pairs of both arms."""
    by_people: bool
    """Whether the interval is over people; else over pairs within them."""
    level: int
    """Which of the strata asked for: 0 is the finest."""
    ratio: Interval | None
    """Coached by control; 95 %. 1.18 is 18 % more pairs a day."""
    lacking: Lacking | None
    """None once the interval leaves 1 out or is narrow."""


@dataclass(frozen=True, slots=True)
class _Spread:
    """The variance of log(ratio), of which `pairs` falls as pairs are added."""

    variance: float
    pairs: float
    quantile: float

    @property
    def half(self) -> float:
        return self.quantile * math.sqrt(self.variance)


def estimate(
    cells: Sequence[GainCell],
    strata: Sequence[Key] = STRATA,
    least_people: int = LEAST_PEOPLE,
) -> Gain:
    """The efficiency number of the cells; without cells it says what is lacking."""
    table, level = finest(cells, strata)
    sums = standardised(table)
    whole = sums.sum(0)
    control, coached = (_side(cells, arm, table, whole) for arm in ARMS)
    smaller = min(control.compared, coached.compared)
    few = smaller < LEAST_PAIRS or len(sums) < least_people or bool((whole <= 0).any())
    spread = None if few else _spread(table, sums)
    log_ratio = 0.0 if few else float(np.log(whole) @ SIGNS)
    return Gain(
        code=_code(log_ratio, spread),
        control=control,
        coached=coached,
        people=len(sums),
        by_people=len(sums) >= MIN_PEOPLE,
        level=level,
        ratio=_ratio(log_ratio, spread),
        lacking=_lacking(control, coached, len(sums), log_ratio, spread, least_people),
    )


def _side(
    cells: Sequence[GainCell], arm: Arm, table: Numbers, whole: Numbers
) -> ArmSide:
    mine = [cell for cell in cells if cell.arm == arm]
    place = ARMS.index(arm)
    accepted, seconds = whole[2 * place : 2 * place + 2]
    return ArmSide(
        pairs=sum(cell.pairs for cell in mine),
        accepted=sum(cell.accepted for cell in mine),
        seconds=sum(cell.seconds for cell in mine),
        compared=int(table[..., place, PAIRS].sum()),
        per_day=DAY_SECONDS * float(accepted / seconds) if seconds > 0 else None,
    )


def _spread(table: Numbers, sums: Numbers) -> _Spread:
    people = len(sums)
    of_pairs, freedom = variance_of_pairs(table, sums.sum(0))
    if people < MIN_PEOPLE:
        return _Spread(of_pairs, of_pairs, quantile(LEVEL, max(int(freedom), 1)))
    variance = variance_of_people(sums)
    return _Spread(variance, min(of_pairs, variance), quantile(LEVEL, people - 1))


def _ratio(log_ratio: float, spread: _Spread | None) -> Interval | None:
    if spread is None:
        return None
    bounds = (log_ratio, log_ratio - spread.half, log_ratio + spread.half)
    return Interval(*map(math.exp, bounds))


def _code(log_ratio: float, spread: _Spread | None) -> Code:
    if spread is None:
        return Code.TOO_FEW
    if abs(log_ratio) > spread.half:
        return Code.MORE if log_ratio > 0 else Code.LESS
    return Code.EVEN if spread.half <= NARROW else Code.UNDECIDED


def _lacking(
    control: ArmSide,
    coached: ArmSide,
    people: int,
    log_ratio: float,
    spread: _Spread | None,
    least_people: int,
) -> Lacking | None:
    sides = sorted((control.compared, coached.compared))
    if spread is None:
        # At least one: an arm in which nothing at all was accepted has no ratio.
        smaller = max(LEAST_PAIRS - sides[0], 1)
        more = max(least_people - people, 0) or None
        return Lacking(_of_both(smaller, sides), smaller, more)
    aim = max(NARROW, abs(log_ratio))
    if spread.half <= aim:
        return None
    allowed = (aim / spread.quantile) ** 2
    between = spread.variance - spread.pairs
    if allowed <= between:
        return Lacking(people=math.ceil(people * (spread.variance / allowed - 1)))
    times = spread.pairs / (allowed - between)
    smaller = math.ceil(sides[0] * (times - 1))
    return Lacking(_of_both(smaller, sides), smaller)


def _of_both(smaller: int, sides: Sequence[int]) -> int | None:
    """Pairs of both arms of which so many fall to the smaller one, as so far."""
    return math.ceil(smaller * sum(sides) / sides[0]) if sides[0] else None
