"""How far two people who revise the same pairs agree, beyond what chance would do.

Krippendorff's alpha for nominal values: 1 is perfect agreement, 0 what chance would
give, below 0 is worse. It is not defined where nobody ever said anything else: then
there is nothing to agree about, and no number is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotator.domain import alpha, effort
from annotator.domain.resampling import RESAMPLES, SEED
from revision_engine.types import PairText

Both = tuple[str, str]
"""What the first and the second person said of one pair."""
LEVEL = 0.95
DEFINED_AT_LEAST = 0.9
"""Share of the resamples that must have an alpha, or no interval is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement on one question."""

    name: str
    pairs: int
    agreed: int
    """Pairs on which both said the same."""
    alpha: float | None
    """None: not defined, since all said the same of all pairs (or there are none)."""
    low: float | None = None
    high: float | None = None
    """95 % interval; None where no pair differs, or too few resamples have an
    alpha."""


def measure(name: str, said: Sequence[Both]) -> Agreement:
    """Alpha of one question with a bootstrap interval over pairs."""
    value = _alpha(said)
    low, high = _interval(said) if value is not None else (None, None)
    return Agreement(
        name=name,
        pairs=len(said),
        agreed=sum(one == other for one, other in said),
        alpha=value,
        low=low,
        high=high,
    )


def _alpha(said: Sequence[Both]) -> float | None:
    [found] = alpha.nominal(said)
    return float(found) if np.isfinite(found) else None


def _interval(said: Sequence[Both]) -> tuple[float | None, float | None]:
    """Percentiles over pairs drawn with repeats; pairs of a kind are drawn together.

    None where no pair differs: resamples of such pairs vary in nothing, and an interval
    without width would claim that nobody will ever differ.
    """
    if all(one == other for one, other in said):
        return None, None
    kinds = Counter(tuple(sorted(both)) for both in said)
    shares = np.array(list(kinds.values())) / len(said)
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(len(said), shares, size=RESAMPLES)
    found = alpha.nominal(list(kinds), drawn)
    known = found[np.isfinite(found)]
    if len(known) < DEFINED_AT_LEAST * RESAMPLES:
        return None, None
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def is_one_text(
    raw: PairText,
    one: PairText,
    other: PairText,
    *,
    same_decision: bool,
    limit: float,
) -> bool:
    """Whether two people's texts of a pair need nobody to choose between them.

    They are the same, or the decision is and the words are alike to `limit` (0 to 1) in
    what either of them changed.
    """
    if effort.same_text(one, other):
        return True
    return same_decision and effort.revision_similarity(raw, one, other) >= limit
