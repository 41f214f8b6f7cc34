"""Do two judges agree, and is a judge swayed by where a text stands?

Ratings: Cohen's kappa with quadratic weights on half points (Cohen 1968), and
Spearman's rank correlation. Comparisons: how often both name the same winner, and
Cohen's kappa of that. Intervals are 95 % bootstrap ones over items, or
over groups of them, such as the answers to one instruction.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation import bootstrap
from training.evaluation.judges.judge import Judgement, Preference, Winner
from training.evaluation.logistic import Numbers

STEP = 0.5
"""Ratings nearer than this are one step of the scale."""
RESAMPLES = 1000
FEWEST = 2
WINNERS = tuple(Winner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure with its interval; None where it is not defined."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    """Items that both judges answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """What a judge names when it is asked in both orders."""

    contests: int
    """Answered in both."""
    consistent: int
    """With the same winner, ties included."""
    first: int
    second: int
    """Answers, of two a contest, that name what was shown first, and second."""

    @property
    def lean(self) -> float | None:
        """Share of the answers with a winner that name the one shown first, less 0.5:
        0 is none, 0.5 always the first. None without such an answer."""
        named = self.first + self.second
        return self.first / named - 0.5 if named else None


def of_ratings(
    one: Sequence[Judgement],
    other: Sequence[Judgement],
    groups: Sequence[Hashable] = (),
) -> list[Measured]:
    """How far the ratings of two judges of the same pairs agree; `groups` names the
    group of each pair."""
    both = {
        place: (a.rating, b.rating)
        for place, (a, b) in enumerate(zip(one, other, strict=True))
        if a.rating is not None and b.rating is not None
    }
    values = np.array([*both.values()], dtype=float).reshape(-1, 2)
    of = [groups[place] for place in both] if groups else []
    return [
        _measured("weighted kappa", values, _weighted_kappa, of),
        _measured("Spearman", values, _spearman, of),
    ]


def of_preferences(
    one: Sequence[Preference],
    other: Sequence[Preference],
    groups: Sequence[Hashable] = (),
) -> list[Measured]:
    """How far the winners of two judges of the same contests agree."""
    both = {
        place: (WINNERS.index(a.winner), WINNERS.index(b.winner))
        for place, (a, b) in enumerate(zip(one, other, strict=True))
        if a.winner is not None and b.winner is not None
    }
    values = np.array([*both.values()], dtype=float).reshape(-1, 2)
    of = [groups[place] for place in both] if groups else []
    return [
        _measured("same winner", values, _share_alike, of),
        _measured("kappa", values, _kappa, of),
    ]


def position_bias(preferences: Sequence[Preference]) -> PositionBias:
    """Counted over the contests that were answered in both orders."""
    both = [p for p in preferences if p.as_given and p.swapped]
    shown_first = [p.as_given is Winner.FIRST for p in both]
    shown_first += [p.swapped is Winner.SECOND for p in both]
    shown_second = [p.as_given is Winner.SECOND for p in both]
    shown_second += [p.swapped is Winner.FIRST for p in both]
    return PositionBias(
        contests=len(both),
        consistent=sum(p.consistent for p in both),
        first=sum(shown_first),
        second=sum(shown_second),
    )


def _measured(
    name: str,
    values: Numbers,
    figure: Callable[[Numbers], float],
    groups: Sequence[Hashable],
) -> Measured:
    n = len(values)
    found = None
    if n >= FEWEST:
        drawn = _drawn(n, groups)
        resampled = [figure(values), *(figure(values[rows]) for rows in drawn)]
        found = bootstrap.interval(np.array(resampled))
    value, low, high = found or (None, None, None)
    return Measured(name=name, value=value, low=low, high=high, n=n)


def _drawn(n: int, groups: Sequence[Hashable]) -> Iterator[NDArray[np.int64]]:
    """Places of the rows of each resample: a group comes with all of its rows."""
    chance = np.random.default_rng(bootstrap.SEED)
    if not groups:
        yield from chance.integers(0, n, (RESAMPLES, n))
        return
    rows: dict[Hashable, list[int]] = {}
    for place, group in enumerate(groups):
        rows.setdefault(group, []).append(place)
    members = [np.array(each) for each in rows.values()]
    for some in chance.integers(0, len(members), (RESAMPLES, len(members))):
        yield np.concatenate([members[group] for group in some])


def _weighted_kappa(values: Numbers) -> float:
    """1 - observed / expected squared difference in steps; NaN if all is one value."""
    steps = np.round(values / STEP)
    one, other = steps.T
    expected = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(1 - ((one - other) ** 2).mean() / expected) if expected else np.nan


def _spearman(values: Numbers) -> float:
    """Pearson's correlation of mean ranks; NaN if a judge always says the same."""
    one, other = (_ranks(column) for column in values.T)
    spread = one.std() * other.std()
    if not spread:
        return float("nan")
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread)


def _ranks(values: Numbers) -> Numbers:
    """Equal values share the mean of their ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: NDArray[np.float64] = (last - (count - 1) / 2)[place]
    return ranks


def _share_alike(values: Numbers) -> float:
    return float((values[:, 0] == values[:, 1]).mean())


def _kappa(values: Numbers) -> float:
    """Cohen's, unweighted; NaN if both always say the same one thing."""
    shares = [(values == number).mean(axis=0) for number in range(len(WINNERS))]
    expected = sum(float(one * other) for one, other in shares)
    alike = _share_alike(values)
    return (alike - expected) / (1 - expected) if expected < 1 else float("nan")
