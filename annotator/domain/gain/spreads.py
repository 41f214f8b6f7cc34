"""The sums that the efficiency number is a ratio of, and how sure it is.

Where these formulas come from is written in gains.py. All are of log(ratio), which is
SIGNS' product with the logarithms of four sums: accepted pairs and seconds of the
control arm, and of the coached one.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from annotator.domain.gain.cells import ACCEPTED, PAIRS, SECONDS, SQUARES
from annotator.domain.resampling import Draws, Numbers, draw_people

SIGNS = np.array([-1.0, 1.0, 1.0, -1.0])


def weights(table: Numbers) -> Numbers:
    """Mantel and Haenszel's, of each person and stratum; 0 where an arm is missing."""
    control, coached = table[..., 0, PAIRS], table[..., 1, PAIRS]
    found: Numbers = control * coached / np.maximum(control + coached, 1)
    return found


def standardised(table: Numbers) -> Numbers:
    """Of each person the four sums, as if both arms had had the same pairs."""
    each = table[..., ACCEPTED:SQUARES] / np.maximum(table[..., PAIRS, None], 1)
    found: Numbers = (weights(table)[..., None, None] * each).sum(1)
    return found.reshape(len(table), 4)


@lru_cache(maxsize=64)
def _draws(people: int) -> Draws:
    return draw_people(range(people))


def variance_of_people(sums: Numbers) -> float:
    """People drawn with all that is theirs; `sums` as `standardised` makes them.

    The bootstrap's variance is too small twice over by (G - 1)/G for G people: as any
    variance of a sample, and since each person pulls the ratio towards their own (as
    the jackknife allows for).
    """
    people = len(sums)
    drawn = _draws(people).counts[1:] @ sums
    whole = drawn[(drawn > 0).all(1)]
    if len(whole) < 2:
        return 0.0
    return float(np.var(np.log(whole) @ SIGNS)) * (people / (people - 1)) ** 2


def variance_of_pairs(table: Numbers, whole: Numbers) -> tuple[float, float]:
    """Pairs drawn within each person, stratum and arm; and the degrees of freedom.

    Linearised, log(ratio) is a sum over pairs of acceptance / A - seconds / S, with
    `whole` the four sums A and S. Where an arm has one pair in a stratum, nothing is
    seen to vary: it is taken to vary as the person's other strata do, in proportion to
    its seconds (not as much as they do: rare strata are those of long pairs). The
    degrees of freedom are Welch's and Satterthwaite's.
    """
    pairs, seconds = table[..., PAIRS], table[..., SECONDS]
    around, free = _around(table, whole), np.maximum(pairs - 1, 0)
    scale = (seconds / np.maximum(pairs, 1)) ** 2
    scaled = np.divide(around, scale, out=np.zeros_like(around), where=scale > 0)
    of_arm = np.maximum(free.sum(1), 1)
    like_others = (scaled.sum(1) / of_arm)[:, None] * scale
    each = np.where(free > 0, around / np.maximum(free, 1), like_others)
    times = np.where(pairs > 0, 1 / np.maximum(pairs, 1), 0)
    parts = each * times * weights(table)[..., None] ** 2
    variance = float(parts.sum())
    if variance <= 0:
        return 0.0, 1.0
    degrees = np.where(free > 0, free, of_arm[:, None])
    return variance, variance**2 / float((parts**2 / degrees).sum())


def _around(table: Numbers, whole: Numbers) -> Numbers:
    """Of each person, stratum and arm: squares of the linearised pairs around their
    mean, added up."""
    above, below = (1 / whole).reshape(2, 2).T
    pairs, accepted, seconds, squares, both = np.moveaxis(table, -1, 0)
    n = np.maximum(pairs, 1)
    found: Numbers = (
        above**2 * (accepted - accepted**2 / n)
        + below**2 * (squares - seconds**2 / n)
        - 2 * above * below * (both - accepted * seconds / n)
    )
    return found


STEPS = 4000


@lru_cache(maxsize=256)
def quantile(level: float, freedom: int) -> float:
    """Two-sided quantile of Student's t, right to four digits from 1 degree on.

    t = sqrt(freedom) tan(angle), and the angle's density is cos(angle)^(freedom - 1).
    """
    angles = np.linspace(0, math.pi / 2, STEPS + 1)
    density = np.cos(angles) ** (freedom - 1)
    up_to = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    angle = float(np.interp(level, up_to / up_to[-1], angles))
    return math.sqrt(freedom) * math.tan(angle)
