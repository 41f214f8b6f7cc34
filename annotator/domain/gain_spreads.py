"""The sums that the efficiency number is a ratio of, and how sure it is.

Where these formulas come from is written in gains.py.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from annotator.domain.resampling import Draws, Numbers, draw_people, student

SIGNS = np.array([-1.0, 1.0, 1.0, -1.0])
"""log(ratio) is their product with the logarithms of A0, S0, A1, S1."""


def weights(table: Numbers) -> Numbers:
    """Mantel and Haenszel's, of each person and stratum; 0 where an arm is missing."""
    control, coached = table[..., 0, 0], table[..., 1, 0]
    return control * coached / np.maximum(control + coached, 1)


def standardised(table: Numbers) -> Numbers:
    """Of each person: weighted A0, S0, A1, S1, over their strata."""
    each = table[..., 1:3] / np.maximum(table[..., :1], 1)
    found: Numbers = (weights(table)[..., None, None] * each).sum(1)
    return found.reshape(len(table), 4)


@lru_cache(maxsize=64)
def _draws(people: int) -> Draws:
    return draw_people(range(people))


def spread_of_people(sums: Numbers, level: float) -> float:
    """Half the width of log(ratio)'s interval, people drawn with all that is theirs.

    `sums` as `standardised` makes them.
    """
    draws = _draws(len(sums))
    drawn = draws.counts @ sums
    whole = (drawn > 0).all(1)
    logs = np.full(len(drawn), np.nan)
    logs[whole] = np.log(drawn[whole]) @ SIGNS
    return draws.spread(logs, level)


def spread_of_pairs(table: Numbers, whole: Numbers, level: float) -> float:
    """The same, pairs drawn within each person, stratum and arm: by its formula.

    Linearised, log(ratio) is a sum over pairs of acceptance / A - seconds / S. Its
    variance within a person's arm is pooled over their strata, and the degrees of
    freedom are Welch's and Satterthwaite's.
    """
    above, below = (1 / whole).reshape(2, 2).T
    pairs, accepted, seconds, squares, both = np.moveaxis(table, -1, 0)
    n = np.maximum(pairs, 1)
    around = (
        above**2 * (accepted - accepted**2 / n)
        + below**2 * (squares - seconds**2 / n)
        - 2 * above * below * (both - accepted * seconds / n)
    ).sum(1)
    freedom = np.maximum(pairs - 1, 0).sum(1)
    pooled = around.sum() / max(freedom.sum(), 1)
    each = np.where(freedom > 0, around / np.maximum(freedom, 1), pooled)
    parts = each * (weights(table)[..., None] ** 2 * (pairs > 0) / n).sum(1)
    variance = float(parts.sum())
    if variance <= 0:
        return 0.0
    effective = variance**2 / float((parts**2 / np.maximum(freedom, 1)).sum())
    return student(level, max(int(effective), 4)) * math.sqrt(variance)
