"""What the efficiency number is counted from: cells of sums, laid out as a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from annotator.domain.resampling import Mask, Numbers
from annotator.domain.states import Arm

ARMS = (Arm.CONTROL, Arm.COACHED)
"""Their order in a table."""
PAIRS, ACCEPTED, SECONDS, SQUARES, PRODUCT = range(5)
"""The columns of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GainCell:
    """Sums over settled pairs of one person, kind and arm.

    A pair that two people held is one pair in the cell of each: accepted where the
    text is theirs that was accepted, and with each one's own time.
    """

    person: int
    band: str
    category: str
    arm: Arm
    coach: int | None
    """The coach version that drafted; None in the control arm."""
    week: date
    """The Monday before the person first opened the pair."""
    pairs: int
    accepted: int
    """By quality control."""
    seconds: float
    """Active seconds of the person on these pairs, all of them."""
    squares: float
    """Sum of each pair's seconds, squared."""
    product: float
    """Seconds on the accepted pairs."""
    all_seconds: float
    """The same three with quality control's active seconds added."""
    all_squares: float
    all_product: float


Key = Callable[[GainCell], Hashable]


def with_quality(cell: GainCell) -> GainCell:
    """The cell with the seconds of quality control counted as well."""
    return replace(
        cell,
        seconds=cell.all_seconds,
        squares=cell.all_squares,
        product=cell.all_product,
    )


def with_machine(cell: GainCell, each: float) -> GainCell:
    """The cell with `each` seconds more on every pair that the coach drafted."""
    if cell.arm == Arm.CONTROL:
        return cell
    return replace(
        cell,
        seconds=cell.seconds + each * cell.pairs,
        squares=cell.squares + 2 * each * cell.seconds + each**2 * cell.pairs,
        product=cell.product + each * cell.accepted,
    )


def tabulate(cells: Iterable[GainCell], key: Key) -> Numbers:
    """Person x stratum x arm x column; only people and strata that there are."""
    found = list(cells)
    people = _places(cell.person for cell in found)
    strata = _places(key(cell) for cell in found)
    table = np.zeros((len(people), len(strata), len(ARMS), 5))
    places = [
        (people[cell.person], strata[key(cell)], ARMS.index(cell.arm)) for cell in found
    ]
    sums = [
        (cell.pairs, cell.accepted, cell.seconds, cell.squares, cell.product)
        for cell in found
    ]
    if found:
        np.add.at(table, tuple(np.array(places).T), np.array(sums, dtype=np.float64))
    return table


def _places(keys: Iterable[Hashable]) -> dict[Hashable, int]:
    return {key: place for place, key in enumerate(dict.fromkeys(keys))}


def comparable(table: Numbers) -> Numbers:
    """The table without people and strata that lack an arm: they say nothing."""
    both: Mask = np.all(table[..., PAIRS] > 0, axis=2, keepdims=False)
    kept = np.where(both[..., None, None], table, 0)
    return kept[both.any(1)]


KEPT = 0.9
EACH = 3


def finest(cells: Sequence[GainCell], keys: Sequence[Key]) -> tuple[Numbers, int]:
    """The table by the finest strata that the smaller arm can fill, and their number.

    They must keep KEPT of its pairs, and hold EACH of them on average. Only numbers of
    pairs decide, never what came of them; the last key is taken if none will do.
    """
    for level, key in enumerate(keys):
        whole = tabulate(cells, key)
        table = comparable(whole)
        arms = whole[..., PAIRS].sum((0, 1))
        smaller = int(arms.argmin())
        kept = table[..., smaller, PAIRS]
        enough = kept.sum() >= max(KEPT * arms[smaller], EACH * (kept > 0).sum())
        if enough or level == len(keys) - 1:
            break
    return table, level
