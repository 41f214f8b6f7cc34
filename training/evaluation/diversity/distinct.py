"""Distinct-n: the share of all n-grams that are different ones (arXiv 1510.03055).

The share falls as texts grow longer, whatever they say, and a revision mostly makes
them longer. So beside the share of the whole dataset stands the one at equal length: as
many words from either side, of the same pairs in the same drawn order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.diversity.words import Codes, Vocabulary, joined
from training.evaluation.paired import SEED, SUBSETS, BeforeAfter, Places, Subsets

ORDERS = (1, 2, 3)
MOST_WORDS = 200_000
"""Of each side at equal length: on more, the figure says no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """One order of n-grams, before and after."""

    order: int
    raw: float
    revised: float
    """Distinct by all, of the whole dataset; 0 without an n-gram."""
    at_equal_length: BeforeAfter
    words: int
    """Words that were taken of each side for it."""


def share(texts: Sequence[Codes], order: int) -> float:
    """Distinct n-grams by all n-grams of these texts; 0 if there are none."""
    numbers, _ = joined(texts, order)
    return len(np.unique(numbers)) / len(numbers) if len(numbers) else 0.0


def compare(
    raw: Sequence[str],
    revised: Sequence[str],
    *,
    seed: int = SEED,
    subsets: int = SUBSETS,
) -> list[Distinct]:
    """Distinct-1, -2 and -3 of two versions of the same texts; [] where there are
    fewer than two texts, or no words on a side."""
    vocabulary = Vocabulary()
    sides = _Side(vocabulary.encode(raw)), _Side(vocabulary.encode(revised))
    budget = min(MOST_WORDS, min(side.words for side in sides) // 2)
    if len(raw) < 2 or not budget:
        return []
    drawn = Subsets(pairs=len(raw), size=len(raw), seed=seed, count=subsets)
    made = []
    for order in ORDERS:
        one, other = (side.counting(order, budget) for side in sides)
        made.append(
            Distinct(
                order=order,
                raw=share(sides[0].texts, order),
                revised=share(sides[1].texts, order),
                at_equal_length=drawn.values(one.share, other.share),
                words=budget,
            )
        )
    return made


class _Side:
    def __init__(self, texts: Sequence[Codes]) -> None:
        self.texts = texts
        self.lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self.words = int(self.lengths.sum())

    def counting(self, order: int, budget: int) -> _Counting:
        numbers, sizes = joined(self.texts, order)
        ends = np.cumsum(sizes)
        return _Counting(numbers, ends - sizes, sizes, self.lengths, order, budget)


@dataclass(frozen=True, slots=True)
class _Counting:
    """The n-grams of a side, text by text, and how many words may be taken of it."""

    numbers: Codes
    starts: Codes
    sizes: Codes
    lengths: Codes
    order: int
    budget: int

    def share(self, drawn: Places) -> float:
        """Distinct by all in the first `budget` words of the texts in this order."""
        before = np.cumsum(self.lengths[drawn]) - self.lengths[drawn]
        left = np.maximum(self.budget - before, 0)
        taken = np.clip(left - self.order + 1, 0, self.sizes[drawn])
        used = taken > 0
        found = [
            self.numbers[start : start + size]
            for start, size in zip(self.starts[drawn][used], taken[used], strict=True)
        ]
        if not found:
            return 0.0
        flat = np.concatenate(found)
        return len(np.unique(flat)) / len(flat)
