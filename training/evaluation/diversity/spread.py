"""How far texts lie apart in an embedding, and how many different ones they come to.

- Spread: the mean cosine distance of two texts, 0 (all the same) to 1 and beyond.
- Vendi score (arXiv 2210.02410): exp of the entropy of the eigenvalues of K / n, where
  K holds the cosines of n texts; the number of wholly different texts that would be as
  diverse, 1 to n. It grows with n, so both sides are scored on the same drawn pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.diversity.hashed import Embed, Vectors, normalised
from training.evaluation.paired import (
    SEED,
    BeforeAfter,
    Resampling,
    Subsets,
    before_after,
)

SCORED = 500
"""Texts of each drawing that a Vendi score is counted on."""
DRAWN = 20
SAMPLE = 5_000
"""Pairs, drawn by the seed, beyond which no more are embedded."""
LEAST = 4
"""Of fewer texts nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Both figures before and after."""

    distance: BeforeAfter
    vendi: BeforeAfter
    pairs: int
    """That were embedded."""
    scored: int
    """On which each Vendi score was counted."""


def vendi(vectors: Vectors) -> float:
    """The Vendi score of rows of length 1."""
    small = vectors if len(vectors) >= vectors.shape[1] else vectors.T
    shares = np.linalg.eigvalsh(small.T @ small / len(vectors))
    shares = shares[shares > 1e-12]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def distance(vectors: Vectors, weights: Vectors | None = None) -> float:
    """Mean cosine distance of two different rows of length 1.

    `weights`: how often each row counts; a row beside its own repeat is no couple.
    """
    often = np.ones(len(vectors)) if weights is None else weights
    lengths = (vectors**2).sum(1)
    couples = often.sum() ** 2 - (often**2).sum()
    cosines = ((often @ vectors) ** 2).sum() - (often**2 * lengths).sum()
    return float(1 - cosines / couples) if couples > 0 else 0.0


def compare(
    raw: Sequence[str],
    revised: Sequence[str],
    embed: Embed,
    *,
    seed: int = SEED,
    resamples: int = 400,
) -> Spread | None:
    """Two versions of the same texts; None of fewer than LEAST."""
    if len(raw) < LEAST:
        return None
    places = np.random.default_rng(seed).permutation(len(raw))[:SAMPLE]
    before, after = (
        normalised(embed([texts[place] for place in places]))
        for texts in (raw, revised)
    )
    size = min(SCORED, len(places) // 2)
    subsets = Subsets(pairs=len(places), size=size, seed=seed, count=DRAWN)
    return Spread(
        distance=_distances(before, after, seed, resamples),
        vendi=subsets.values(
            lambda drawn: vendi(before[drawn]), lambda drawn: vendi(after[drawn])
        ),
        pairs=len(places),
        scored=size,
    )


def _distances(
    before: Vectors, after: Vectors, seed: int, resamples: int
) -> BeforeAfter:
    pairs = len(before)
    drawing = Resampling(pairs=pairs, seed=seed, resamples=resamples)
    found = [
        (distance(before, often), distance(after, often))
        for some in drawing.draws()
        for often in (np.bincount(row, minlength=pairs).astype(float) for row in some)
    ]
    drawn = np.array(found)
    return before_after(distance(before), distance(after), drawn[:, 0], drawn[:, 1])
