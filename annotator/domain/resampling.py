"""Chance that repeats: resamples of people or reviews, and labels dealt anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

RESAMPLES = 1000
SEED = 17


@dataclass(frozen=True, slots=True)
class Draws:
    """Resamples of reviews, or of people with all that is theirs."""

    cluster: Places
    """Of each row: the number of the rows that are drawn together with it."""
    counts: Numbers
    """How often each cluster is drawn: one row a resample, the first all ones."""
    size: int
    """How many people, or rows, are drawn from."""

    def spread(self, values: Numbers, level: float) -> float:
        """Half the width of the interval of a figure; `values` as `counts` has rows.

        Resamples in which one side is missing say nothing and are left out.
        """
        known = values[1:][np.isfinite(values[1:])]
        if len(known) < 2 or self.size < 2:
            return 0.0
        freedom = self.size - 1
        error = float(np.std(known)) * math.sqrt(self.size / freedom)
        return student(level, freedom) * error


def student(level: float, freedom: int) -> float:
    """Two-sided quantile of Student's t, by its Cornish-Fisher expansion.

    Right to 1 % from 4 degrees of freedom on.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def draw_people(people: Sequence[int]) -> Draws:
    """Draw as many people as there are, with repeats and all that is theirs."""
    known, cluster = np.unique(np.array(people), return_inverse=True)
    size = len(known)
    drawn = _chance().multinomial(size, np.full(size, 1 / size), size=RESAMPLES)
    return _draws(cluster, drawn, size)


def draw_rows(count: int) -> Draws:
    """Draw rows, each by itself: the Poisson bootstrap, quick for thousands."""
    drawn = _chance().poisson(1, (RESAMPLES, count))
    return _draws(np.arange(count), drawn, count)


def draw_alike(kinds: Sequence[int]) -> Draws:
    """Draw rows of which those of a kind are all the same: kinds are counted."""
    _, kind, found = np.unique(np.array(kinds), return_inverse=True, return_counts=True)
    size = len(kinds)
    drawn = _chance().multinomial(size, found / size, size=RESAMPLES)
    return _draws(kind, drawn / found, size)


def _chance() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _draws(cluster: Places, drawn: NDArray, size: int) -> Draws:
    once = np.ones(drawn.shape[1])
    return Draws(cluster.reshape(-1), np.vstack([once, drawn]), size)


def ratios(columns: Numbers, mine: Mask, draws: Draws) -> Numbers:
    """One side's ratio in each resample; NaN where there is nothing to divide by."""
    sums = np.zeros((draws.counts.shape[1], 2))
    np.add.at(sums, draws.cluster[mine], columns[mine])
    above, below = (draws.counts @ sums).T
    found: Numbers = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


CHUNK = 100
"""Resamples at a time: a row of weights each, as long as there are reviews."""


def medians(seconds: Numbers, mine: Mask, draws: Draws) -> Numbers:
    """One side's median in each resample, each review weighing as often as drawn."""
    if not mine.any():
        return np.full(len(draws.counts), np.nan)
    order = np.argsort(seconds[mine], kind="stable")
    values, cluster = seconds[mine][order], draws.cluster[mine][order]
    found = [
        _weighted_medians(values, draws.counts[start : start + CHUNK][:, cluster])
        for start in range(0, len(draws.counts), CHUNK)
    ]
    return np.concatenate(found)


def _weighted_medians(values: Numbers, weights: Numbers) -> Numbers:
    """Of sorted values, one a row of weights: the mean of the two in the middle."""
    up_to = weights.cumsum(1)
    whole = up_to[:, -1:]
    lower = (up_to < whole / 2).sum(1)
    upper = (up_to <= whole / 2).sum(1)
    last = len(values) - 1
    found = (values[lower.clip(max=last)] + values[upper.clip(max=last)]) / 2
    return np.where(whole[:, 0] > 0, found, np.nan)


DEALS = 2000
"""Ways to deal the labels anew that are tried."""


def chance_of(values: Numbers, labels: Mask, clusters: Places) -> tuple[float, float]:
    """How often labels dealt anew make as low, and as high, a sum of labelled values.

    They are dealt within each cluster, which keeps its number of labels: an exact test
    if they were dealt by chance, however values are spread and clusters differ.
    """
    chance = _chance()
    sums = np.zeros(DEALS)
    for cluster in np.unique(clusters):
        mine = clusters == cluster
        dealt = chance.permuted(np.tile(labels[mine], (DEALS, 1)), axis=1)
        sums += dealt @ values[mine]
    found = values[labels].sum()
    as_low, as_high = (sums <= found + 1e-9).sum(), (sums >= found - 1e-9).sum()
    return (1 + int(as_low)) / (1 + DEALS), (1 + int(as_high)) / (1 + DEALS)
