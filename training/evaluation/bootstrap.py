"""Intervals and confidence from chance that repeats itself (fixed seeds).

Intervals are Efron's percentile bootstrap: what would the figure be on other pairs of
the same kind? A resample draws as many pairs as there are, with repeats, and takes all
that belongs to a pair with it: both coaches' drafts, so that a difference between
coaches is always one on the same pairs.

For a decision these intervals are too narrow on few pairs: at 30 pairs, twice as many
equal coaches as promised look better. So the confidence in a gain is that of Fisher's
exchange test instead, which keeps its promise on any number of pairs.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
BOUNDS = (2.5, 97.5)
WORLDS = 9999
SEED = 17

Numbers = NDArray[np.float64]


def draws(pairs: int, resamples: int = RESAMPLES) -> Numbers:
    """How often each pair counts in each resample; the first row counts each once.

    So `draws(n) @ columns` is the sum over the pairs themselves, then over resamples.
    """
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(pairs, np.full(pairs, 1 / pairs), size=resamples)
    return np.vstack([np.ones(pairs), drawn])


def crossed(
    rows: Sequence[Hashable], columns: Sequence[Hashable], resamples: int = RESAMPLES
) -> Numbers:
    """As `draws`, for values that share a row or a column, such as the answers of
    several models to the same questions: both are drawn, and a value counts as often as
    its row times its column. A single column is not drawn.
    """
    chance = np.random.default_rng(SEED)
    counts = np.ones((resamples + 1, len(rows)))
    for labels in (rows, columns):
        place = {label: at for at, label in enumerate(dict.fromkeys(labels))}
        size = len(place)
        if size < 2:
            continue
        drawn = chance.multinomial(size, np.full(size, 1 / size), size=resamples)
        counts[1:] *= drawn[:, [place[label] for label in labels]]
    return counts


def interval(values: Numbers) -> tuple[float, float, float] | None:
    """Value and 95 % bounds of what `draws` gave; None if the value is undefined.

    A resample without a value (nothing to divide by) is left out. The bounds are
    moved, if need be, to hold the value itself.
    """
    value = float(values[0])
    if not np.isfinite(value):
        return None
    low, high = np.nanpercentile(values, BOUNDS)
    return value, min(float(low), value), max(float(high), value)


def confidence(gains: Numbers) -> float:
    """How sure it is, one-sided, that the pairs' gains are above 0 on the whole: 1 - p.

    If the two coaches were alike, each pair's gain could as well have come with the
    other sign; p is the share of such worlds whose total is as high. The world that was
    seen counts as one of them, so alike coaches reach a confidence of c in at most
    1 - c of their evaluations.
    """
    chance = np.random.default_rng(SEED)
    signs = chance.integers(0, 2, (WORLDS, len(gains))) * 2 - 1
    as_high = int((signs @ gains >= gains.sum()).sum())
    return 1 - (1 + as_high) / (1 + WORLDS)
