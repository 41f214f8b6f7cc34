"""What a judge says of a dataset before and after: mean, share of good, by category.

The paper's figures on Alpaca: mean 3.95 before and 4.31 after, of 0 to 5; share of 4.5
or better 17.7 % and 78.9 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.judges.judge import HIGHEST, LOWEST
from training.evaluation.judges.ratings import GOOD
from training.evaluation.paired import SEED, BeforeAfter, Numbers, Resampling

Flags = NDArray[np.bool_]
STEP = 0.5
"""Width of a class of the histogram."""
CATEGORY_PAIRS = 10
"""A category with fewer rated pairs is pooled with the others of its kind."""
MOST_CATEGORIES = 30
OTHER = "other"
LIKE_LENGTH = 0.1
"""By how much of its raw length a response may have changed to be about as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Pairs of one category, or all."""

    category: str
    """Empty: all; OTHER: those of small categories and of none."""
    pairs: int
    mean: BeforeAfter
    share: BeforeAfter
    """Of ratings at or above the threshold, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """One judge's."""

    whole: Rated
    categories: tuple[Rated, ...]
    better: int
    """Pairs whose revised side has the higher rating."""
    worse: int
    same: int
    edges: tuple[float, ...]
    raw_counts: tuple[int, ...]
    revised_counts: tuple[int, ...]
    like_length: Rated | None
    """Pairs whose response is about as long as before, so that a longer one cannot
    pass for a better one; None if there are none."""
    unseen: Rated | None
    """Pairs that the judge was not fitted on; None if it has seen none, or all."""
    with_length: float | None
    """Spearman's correlation of the change in rating with the change in length; None
    where one of them never changes."""


def compare(
    raw: Sequence[float],
    revised: Sequence[float],
    categories: Sequence[str],
    lengths: Sequence[tuple[int, int]],
    *,
    seen: Sequence[bool] = (),
    threshold: float = GOOD,
    seed: int = SEED,
) -> Ratings:
    """Ratings of the same pairs before and after; there is at least one pair.

    `lengths`: of each pair the characters of its response, before and after. `seen`:
    whether the judge was fitted on it; none, if it was not fitted on such pairs.
    """
    before, after = np.array(raw, dtype=float), np.array(revised, dtype=float)
    sizes = np.array(lengths, dtype=float)
    like = np.abs(sizes[:, 1] - sizes[:, 0]) <= LIKE_LENGTH * sizes[:, 0]
    new = ~np.array(seen or [False] * len(before), dtype=bool)

    def some(mine: Flags) -> Rated:
        return _rated("", before[mine], after[mine], threshold, seed)

    edges = tuple(np.arange(LOWEST, HIGHEST, STEP).tolist())
    return Ratings(
        whole=_rated("", before, after, threshold, seed),
        categories=tuple(
            _rated(name, before[places], after[places], threshold, seed)
            for name, places in by_category(categories).items()
        ),
        better=int((after > before).sum()),
        worse=int((after < before).sum()),
        same=int((after == before).sum()),
        edges=edges,
        raw_counts=_counts(before, edges),
        revised_counts=_counts(after, edges),
        like_length=some(like) if like.any() else None,
        unseen=some(new) if 0 < new.sum() < len(new) else None,
        with_length=rank_correlation(after - before, sizes[:, 1] - sizes[:, 0]),
    )


def _rated(
    category: str, before: Numbers, after: Numbers, threshold: float, seed: int
) -> Rated:
    sides = (np.stack([side, side >= threshold], axis=1) for side in (before, after))
    mean, share = Resampling(pairs=len(before), seed=seed).means(*sides)
    return Rated(category=category, pairs=len(before), mean=mean, share=share)


def by_category(names: Sequence[str]) -> dict[str, list[int]]:
    """Where the pairs of each category are, largest first; {} if all are in one.

    Small ones, and those beyond MOST_CATEGORIES, are together at the end.
    """
    sizes = Counter(name for name in names if name)
    large = [
        n for n, size in sizes.most_common(MOST_CATEGORIES) if size >= CATEGORY_PAIRS
    ]
    found: dict[str, list[int]] = {name: [] for name in large}
    other: list[int] = []
    for place, name in enumerate(names):
        found.get(name, other).append(place)
    if not large or (len(large) == 1 and not other):
        return {}
    return found | ({OTHER: other} if other else {})


def rank_correlation(one: Numbers, other: Numbers) -> float | None:
    """Spearman's, of values with ties; None where either never varies."""
    first, second = _ranks(one), _ranks(other)
    first, second = first - first.mean(), second - second.mean()
    below = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / below if below else None


def _ranks(values: Numbers) -> Numbers:
    """Equal values share the mean of their places."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Numbers = (ends - (counts - 1) / 2)[place.reshape(-1)]
    return ranks


def same_direction(one: Numbers, other: Numbers) -> tuple[int, int]:
    """On how many pairs two judges see a change in the same direction, and how many
    both see one on."""
    both = (one != 0) & (other != 0)
    return int((np.sign(one) == np.sign(other))[both].sum()), int(both.sum())


def _counts(values: Numbers, edges: Sequence[float]) -> tuple[int, ...]:
    """Ratings in each class; the highest rating is in the last one."""
    places = ((values - LOWEST) / STEP).astype(int).clip(max=len(edges) - 1)
    return tuple(int(n) for n in np.bincount(places, minlength=len(edges)))
