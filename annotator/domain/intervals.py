"""How far a share that was counted may lie from the true one: exact binomial bounds.

Clopper and Pearson's: right at least as often as they say, for any number of trials,
also where nothing has failed yet, which is where quality control spends its time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

HALVINGS = 40
"""Of the search for a bound: right to 1e-12."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of some trials, 0 to 1, with its two-sided interval."""

    count: int
    of: int
    value: float
    low: float
    high: float


def share(count: int, of: int, level: float = 0.95) -> Share | None:
    """`count` of `of` trials; None without a trial."""
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share")
    if of == 0:
        return None
    confidence = (1 + level) / 2
    low = 1 - upper_bound(of - count, of, confidence)
    return Share(count, of, count / of, low, upper_bound(count, of, confidence))


@lru_cache(maxsize=4096)
def upper_bound(count: int, of: int, confidence: float) -> float:
    """The highest true share at which so few are not too rare; one-sided.

    1 without a trial: nothing is known.
    """
    if count >= of:
        return 1.0
    low, high = count / of, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _at_most(count, of, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, of: int, chance: float) -> float:
    """How probable `count` or fewer are, by the binomial distribution."""
    if not 0 < chance < 1:
        return float(chance <= 0)
    yes, no = math.log(chance), math.log1p(-chance)
    logs = (_log_ways(k, of) + k * yes + (of - k) * no for k in range(count + 1))
    return math.fsum(map(math.exp, logs))


def _log_ways(count: int, of: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its bounds."""

    value: float
    low: float
    high: float


Z = NormalDist().inv_cdf(0.975)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927): honest for few and for none."""
    share, more = part / whole, Z**2 / whole
    middle = (share + more / 2) / (1 + more)
    spread = Z * math.sqrt(share * (1 - share) / whole + more / (4 * whole))
    half = spread / (1 + more)
    return max(0.0, middle - half), min(1.0, middle + half)
