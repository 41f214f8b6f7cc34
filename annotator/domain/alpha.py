"""Krippendorff's alpha for nominal values and for numbers, for any number of observers.

After K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section D:
1 - observed / expected disagreement, each over pairs of values. A unit that fewer than
two observers spoke about pairs nothing and drops out, so missing values are no matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def nominal(units: Sequence[Sequence[str]], times: NDArray | None = None) -> NDArray:
    """Alpha, once for each row of `times`: how often each unit counts (once if None).

    A unit is what its observers said of it. NaN where alpha is not defined: nobody ever
    said anything else, or no unit has two values.
    """
    if times is None:
        times = np.ones((1, len(units)), dtype=int)
    values = sorted({value for unit in units for value in unit})
    held = np.array([[list(unit).count(value) for value in values] for unit in units])
    held = held.reshape(len(units), len(values))
    said = held.sum(axis=1)
    held, said, times = held[said > 1], said[said > 1], times[:, said > 1]
    differing = (said**2 - (held**2).sum(axis=1)) / (said - 1)
    of_value = times @ held
    total = of_value.sum(axis=1)
    expected = (total**2 - (of_value**2).sum(axis=1)).astype(float)
    observed = (times @ differing) * (total - 1)
    share = np.full(len(times), np.nan)
    np.divide(observed, expected, out=share, where=expected > 0)
    return np.asarray(1 - share)


def of_numbers(
    units: Sequence[Sequence[float]], times: NDArray | None = None
) -> NDArray:
    """The same for numbers: values differ by the square of their distance.

    Sums of squares stand for the sums over pairs: over all pairs of m values,
    (a - b)^2 adds up to m times their sum of squares about the mean.
    """
    if times is None:
        times = np.ones((1, len(units)), dtype=int)
    said = np.array([len(unit) for unit in units], dtype=float)
    first = np.array([sum(unit) for unit in units], dtype=float)
    second = np.array([sum(value**2 for value in unit) for unit in units], dtype=float)
    kept = said > 1
    said, first, second, times = said[kept], first[kept], second[kept], times[:, kept]
    within = said * (second - first**2 / said) / (said - 1)
    total = times @ said
    share = np.full(len(times), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = times @ second - (times @ first) ** 2 / total
    observed = (times @ within) * (total - 1)
    np.divide(observed, total * spread, out=share, where=spread > 1e-9)
    return np.asarray(1 - share)
