"""A law of diminishing returns, fitted to figures at several training-set sizes.

y(n) = limit - gap * n^-c, by least squares over a grid of exponents c, as learning
curves of language models are told (arXiv 2001.08361, 1712.00409). It is fitted to each
resample, too: so its parameters have intervals. It says that a curve has flattened
where another doubling would gain less than STEP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation.bootstrap import Numbers
from training.evaluation.coach_studies.figures import told

FEWEST = 3
"""Sizes; with fewer any law fits."""
STEP = 0.01
"""Of effort saved: a percentage point."""
EXPONENTS = np.geomspace(0.05, 3.0, 60)
HIGHEST = 1.0
"""All effort saved: no law may end above it."""
FARTHEST = 64
"""Times the largest size, beyond which nothing is told."""


@dataclass(frozen=True, slots=True)
class Law:
    """One resample a row."""

    limit: Numbers
    gap: Numbers
    exponent: Numbers
    error: Numbers
    """Root of the mean squared distance to the points."""

    def at(self, size: float) -> Numbers:
        return self.limit - self.gap * size**-self.exponent

    def flat_from(self) -> Numbers:
        """The size from which a doubling gains less than STEP; 0 where none ever
        gained as much."""
        rise = self.gap * (1 - 2**-self.exponent)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = (rise / STEP) ** (1 / self.exponent)
        return np.where(rise > 0, size, 0.0)


def fit(sizes: Sequence[int], values: Numbers) -> Law:
    """Of values with a column a size. A curve that falls has no gap: its law is its
    mean."""
    best = np.full(len(values), np.inf)
    limit, gap = values.mean(1), np.zeros(len(values))
    exponent = np.full(len(values), EXPONENTS[0])
    flat = ((values - limit[:, None]) ** 2).mean(1)
    best = np.minimum(best, flat)
    for each in EXPONENTS:
        terms = np.array(sizes, float) ** -each
        centred = terms - terms.mean()
        slope = (values @ centred) / (centred @ centred)
        start = values.mean(1) - slope * terms.mean()
        error = ((values - start[:, None] - slope[:, None] * terms) ** 2).mean(1)
        better = (error < best) & (slope < 0) & (start <= HIGHEST)
        best = np.where(better, error, best)
        limit, gap = np.where(better, start, limit), np.where(better, -slope, gap)
        exponent = np.where(better, each, exponent)
    return Law(limit, gap, exponent, np.sqrt(best))


def report(sizes: Sequence[int], values: Numbers) -> dict[str, Any] | None:
    """What the law says of the curve; None where there are too few sizes."""
    whole = values[np.isfinite(values).all(1)]
    if len(sizes) < FEWEST or not len(whole) or not np.isfinite(values[0]).all():
        return None
    law = fit(sizes, whole)
    farthest = FARTHEST * max(sizes)
    flat = np.minimum(law.flat_from(), farthest)
    between = np.unique(np.geomspace(min(sizes), 2 * max(sizes), 24).round())
    return {
        "step": STEP,
        "limit": told(law.limit),
        "gap": float(law.gap[0]),
        "exponent": float(law.exponent[0]),
        "error": float(law.error[0]),
        "flat_from": told(flat),
        "farthest": farthest,
        "largest": max(sizes),
        "doubled": told(law.at(2 * max(sizes)) - law.at(max(sizes))),
        "curve": [[float(size), float(law.at(size)[0])] for size in between],
    }
