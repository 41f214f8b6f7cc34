"""The ratings of many pairs in three figures: how many, how good, how many are good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.judges.judge import Judgement
from training.evaluation.judges.people import mean
from training.evaluation.judges.win_rate import Rate

GOOD = 4.5
"""A pair rated so or better is good (the CoachLM paper)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """Of one side of a file, by one judge."""

    n: int
    """Pairs with a rating."""
    mean: Rate | None
    """0 to 5."""
    good: Rate | None
    """Share rated GOOD or better."""
    problems: dict[str, int]
    """Pairs without a rating, by why."""


def ratings(judgements: Sequence[Judgement]) -> Ratings:
    """In figures, with 95 % bootstrap intervals over pairs."""
    found = np.array([j.rating for j in judgements if j.rating is not None], float)
    return Ratings(
        n=len(found),
        mean=mean(found) if len(found) else None,
        good=mean((found >= GOOD).astype(float)) if len(found) else None,
        problems=dict(Counter(j.problem for j in judgements if j.problem)),
    )
