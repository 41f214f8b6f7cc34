"""Does a judge agree with people more often than length does?

Experts' texts are mostly longer than the raw ones, so that a judge that merely prefers
the longer one agrees with them often. What tells is contests of like length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation import bootstrap
from training.evaluation.judges.judge import Contest, Preference
from training.evaluation.judges.win_rate import OUTCOMES, Rate
from training.evaluation.logistic import Numbers

Flags = NDArray[np.bool_]
MATCHED = 0.1
"""Responses are of like length if they differ by no more than this share of the longer
one."""
FEWEST_MATCHED = 40
"""Contests of like length, without which nothing is said about length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPeople:
    """How often a judge names what people preferred; a tie counts half."""

    n: int
    agreed: Rate | None
    longer: Rate | None
    """How often what people preferred is the longer one."""
    matched: int
    """Contests of like length; the figures below are of these."""
    agreed_matched: Rate | None
    longer_matched: Rate | None
    gain: Rate | None
    """Over the better of "longer" and "shorter is better"; None for fewer than
    FEWEST_MATCHED."""

    @property
    def beats_length(self) -> bool | None:
        """Whether it surely agrees more often than length does; None: not known."""
        return None if self.gain is None else self.gain.low > 0


def of_like_length(growth: Numbers) -> Flags:
    """Of logs of ratios of length those within MATCHED, as flags."""
    alike: Flags = 1 - np.exp(-np.abs(growth)) <= MATCHED
    return alike


def with_people(
    contests: Sequence[Contest], preferences: Sequence[Preference]
) -> WithPeople:
    """`contests` have what people preferred as their first."""
    answered = [
        (contest, OUTCOMES[preference.winner])
        for contest, preference in zip(contests, preferences, strict=True)
        if preference.winner is not None
    ]
    right = np.array([outcome for _, outcome in answered])
    sizes = np.array(
        [(len(c.first.response), len(c.second.response)) for c, _ in answered]
    ).reshape(-1, 2)
    growth = np.log1p(sizes[:, 0]) - np.log1p(sizes[:, 1])
    longer = (np.sign(growth) + 1) / 2
    like = of_like_length(growth)
    return WithPeople(
        n=len(answered),
        agreed=_any_mean(right),
        longer=_any_mean(longer),
        matched=int(like.sum()),
        agreed_matched=_any_mean(right[like]),
        longer_matched=_any_mean(longer[like]),
        gain=gain(right[like], longer[like]) if like.sum() >= FEWEST_MATCHED else None,
    )


def gain(right: Numbers, longer: Numbers) -> Rate:
    """By how much a judge is right more often than length, in its better direction."""
    if longer.mean() < 0.5:  # where these people cut
        longer = 1 - longer
    return mean(right - longer)


def mean(values: Numbers) -> Rate:
    """Of one value or more."""
    found = bootstrap.interval(bootstrap.draws(len(values)) @ values / len(values))
    value, low, high = found or (float("nan"),) * 3
    return Rate(value=value, low=low, high=high)


def _any_mean(values: Numbers) -> Rate | None:
    return mean(values) if len(values) else None
