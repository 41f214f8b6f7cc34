"""How long texts are before and after: quartiles, means, and a picture of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.paired import SEED, BeforeAfter, Numbers, Resampling

EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Where the classes of a histogram begin; the last one has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartiles:
    """Of one side."""

    least: float
    first: float
    median: float
    third: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """One field in one unit, before and after."""

    raw: Quartiles
    revised: Quartiles
    mean: BeforeAfter
    median: BeforeAfter
    edges: tuple[int, ...]
    """Begins of the classes that are used."""
    raw_counts: tuple[int, ...]
    revised_counts: tuple[int, ...]


def compare(raw: Sequence[int], revised: Sequence[int], *, seed: int = SEED) -> Lengths:
    """The lengths of two versions of the same texts; there is at least one."""
    before, after = np.array(raw, dtype=float), np.array(revised, dtype=float)
    drawing = Resampling(pairs=len(before), seed=seed)
    edges = _edges(before, after)
    return Lengths(
        raw=quartiles(before),
        revised=quartiles(after),
        mean=drawing.means(before[:, None], after[:, None])[0],
        median=drawing.medians(before, after),
        edges=edges,
        raw_counts=histogram(before, edges),
        revised_counts=histogram(after, edges),
    )


def quartiles(values: Numbers) -> Quartiles:
    """By linear interpolation between the two nearest values."""
    found = np.percentile(values, (0, 25, 50, 75, 100))
    least, first, median, third, most = map(float, found)
    return Quartiles(least=least, first=first, median=median, third=third, most=most)


def histogram(values: Numbers, edges: Sequence[int]) -> tuple[int, ...]:
    """How many values are at or above each edge and below the next."""
    places = np.searchsorted(edges, values, side="right") - 1
    return tuple(int(n) for n in np.bincount(places, minlength=len(edges)))


def _edges(before: Numbers, after: Numbers) -> tuple[int, ...]:
    """From the class of the smallest value to that of the largest."""
    smallest, largest = (
        edge(np.concatenate([before, after])) for edge in (np.min, np.max)
    )
    first = int(np.searchsorted(EDGES, smallest, side="right")) - 1
    last = int(np.searchsorted(EDGES, largest, side="right"))
    return EDGES[first:last]
