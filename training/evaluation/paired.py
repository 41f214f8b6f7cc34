"""Before and after, on the same pairs: values, and how far they may lie from the truth.

Two kinds of chance, both seeded, so that each figure can be counted again:

- `Resampling` is Efron's percentile bootstrap over pairs: a mean or a median on other
  pairs of the same kind. A drawn pair takes both its sides with it.
- `Subsets` draws half of the pairs, without repeats, again and again. It is for figures
  that depend on how many texts there are and that repeats would spoil, such as the
  share of n-grams that are distinct.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

SEED = 17
RESAMPLES = 2000
SUBSETS = 40
BOUNDS = (2.5, 97.5)
AT_ONCE = 2_000_000
"""Drawn numbers that are held at a time."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One figure of the raw side, of the revised side, and revised less raw."""

    raw: Estimate
    revised: Estimate
    difference: Estimate


def estimate(value: float, drawn: Numbers) -> Estimate:
    """A value within percentiles of what was drawn, moved, if need be, to hold it."""
    low, high = np.percentile(drawn, BOUNDS)
    return Estimate(value, min(float(low), value), max(float(high), value))


def before_after(
    raw: float, revised: float, drawn_raw: Numbers, drawn_revised: Numbers
) -> BeforeAfter:
    """Both sides and their difference, draw by draw."""
    return BeforeAfter(
        raw=estimate(raw, drawn_raw),
        revised=estimate(revised, drawn_revised),
        difference=estimate(revised - raw, drawn_revised - drawn_raw),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """As many pairs as there are, with repeats; the same ones for the same seed."""

    pairs: int
    seed: int = SEED
    resamples: int = RESAMPLES

    def __post_init__(self) -> None:
        if self.pairs < 1:
            raise ValueError("there must be at least one pair to draw from")

    def draws(self) -> Iterator[Places]:
        """Places of the drawn pairs, some resamples at a time: one a row."""
        chance = np.random.default_rng(self.seed)
        most = max(1, AT_ONCE // self.pairs)
        for start in range(0, self.resamples, most):
            size = (min(most, self.resamples - start), self.pairs)
            yield chance.integers(0, self.pairs, size)

    def means(self, raw: Numbers, revised: Numbers) -> list[BeforeAfter]:
        """The mean of each column; `raw` and `revised` have one row a pair."""
        both = np.hstack([raw, revised]).astype(float)
        drawn = np.concatenate(
            [self._counts(some) @ both / self.pairs for some in self.draws()]
        )
        now, width = both.mean(0), raw.shape[1]
        return [
            before_after(
                float(now[place]),
                float(now[width + place]),
                drawn[:, place],
                drawn[:, width + place],
            )
            for place in range(width)
        ]

    def _counts(self, drawn: Places) -> Numbers:
        """How often each pair was drawn, one row a resample."""
        rows = len(drawn)
        flat = drawn + np.arange(rows)[:, None] * self.pairs
        counts = np.bincount(flat.reshape(-1), minlength=rows * self.pairs)
        return counts.reshape(rows, self.pairs).astype(float)

    def medians(self, raw: Numbers, revised: Numbers) -> BeforeAfter:
        """The median of one value a pair."""
        drawn = [
            (np.median(raw[some], axis=1), np.median(revised[some], axis=1))
            for some in self.draws()
        ]
        return before_after(
            float(np.median(raw)),
            float(np.median(revised)),
            np.concatenate([one for one, _ in drawn]),
            np.concatenate([other for _, other in drawn]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsets:
    """`size` of the pairs in a drawn order, without repeats, `count` times."""

    pairs: int
    size: int
    seed: int = SEED
    count: int = SUBSETS

    def __post_init__(self) -> None:
        if not 1 <= self.size <= self.pairs:
            raise ValueError(f"size must be from 1 to {self.pairs}, got {self.size}")

    def draws(self) -> Iterator[Places]:
        chance = np.random.default_rng(self.seed)
        for _ in range(self.count):
            yield chance.permutation(self.pairs)[: self.size]

    def values(
        self,
        raw: Callable[[Places], float],
        revised: Callable[[Places], float],
    ) -> BeforeAfter:
        """What both sides give for the same drawn pairs: means over the draws."""
        drawn = np.array([(raw(some), revised(some)) for some in self.draws()])
        one, other = drawn[:, 0], drawn[:, 1]
        return before_after(float(one.mean()), float(other.mean()), one, other)
