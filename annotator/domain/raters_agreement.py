"""How far raters of the same texts agree beyond chance, however many they are.

Krippendorff's alpha (domain/alpha), with a bootstrap interval over texts: a drawn text
takes all that was said of it along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain import alpha
from annotator.domain.agreement import DEFINED_AT_LEAST, LEVEL
from annotator.domain.resampling import RESAMPLES, SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class RatersAgreement:
    """Agreement on one question."""

    texts: int
    """With two answers or more: the others tell nothing."""
    answers: int
    """To these texts."""
    alpha: float | None
    """None: not defined, since all said the same of all texts (or there are none)."""
    low: float | None = None
    high: float | None = None
    """95 % interval; None where too few resamples have an alpha."""


def of_choices(said: Sequence[Sequence[str]]) -> RatersAgreement:
    """Of names; `said` has what the raters of each text named."""
    kept = [each for each in said if len(each) > 1]
    return _measured(kept, alpha.nominal(kept, _times(len(kept))))


def of_scores(said: Sequence[Sequence[float]]) -> RatersAgreement:
    """Of numbers."""
    kept = [each for each in said if len(each) > 1]
    return _measured(kept, alpha.of_numbers(kept, _times(len(kept))))


def _times(texts: int) -> NDArray:
    """How often each text is drawn: once first, then by chance."""
    if not texts:
        return np.ones((1, 0), dtype=int)
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(texts, np.full(texts, 1 / texts), size=RESAMPLES)
    return np.vstack([np.ones(texts, dtype=int), drawn])


def _measured(said: Sequence[Sequence[object]], found: NDArray) -> RatersAgreement:
    value = float(found[0]) if np.isfinite(found[0]) else None
    low, high = None, None
    known = found[1:][np.isfinite(found[1:])]
    # Where no text divides its raters, resamples vary in nothing.
    varies = value is not None and value < 1
    if varies and len(known) >= DEFINED_AT_LEAST * RESAMPLES:
        tail = 100 * (1 - LEVEL) / 2
        low, high = (float(each) for each in np.percentile(known, [tail, 100 - tail]))
    return RatersAgreement(
        texts=len(said),
        answers=sum(len(each) for each in said),
        alpha=value,
        low=low,
        high=high,
    )
