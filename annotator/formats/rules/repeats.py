"""How many pairs of a dataset repeat another one, word for word or nearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotator.formats.rules import alike
from revision_engine.types import PairText

LEAST_ALIKE = alike.FindAlike().least_alike
_READ = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Pairs of which an earlier one says the same; those that go if each is kept
    once."""

    same: int
    """The same but for case, blanks and punctuation."""
    alike: int
    """The same, or with LEAST_ALIKE of the shingles in common."""


def repeats(pairs: Sequence[PairText], *, with_response: bool) -> Repeats:
    """Counted over all pairs, not over a sample."""
    index = alike.Index(len(pairs))
    for start in range(0, len(pairs), _READ):
        some = range(start, min(start + _READ, len(pairs)))
        said = [_said(pairs, place, with_response) for place in some]
        index.add(
            list(some),
            list(map(alike.key_of, said)),
            [alike.shingles(words) for words in said],
        )
    same = {
        other
        for first, other in index.same()
        if _said(pairs, first, with_response) == _said(pairs, other, with_response)
    }
    return Repeats(same=len(same), alike=len(_alike(pairs, index, same, with_response)))


def _alike(
    pairs: Sequence[PairText],
    index: alike.Index,
    same: set[int],
    with_response: bool,  # noqa: FBT001
) -> set[int]:
    """A pair that goes is no reason for another one to go."""
    going = set(same)
    for first, other in index.candidates():
        if first in going or other in going:
            continue
        share = alike.alikeness(
            *(
                alike.shingles(_said(pairs, place, with_response))
                for place in (first, other)
            )
        )
        if share >= LEAST_ALIKE:
            going.add(other)
    return going


def _said(
    pairs: Sequence[PairText],
    place: int,
    with_response: bool,  # noqa: FBT001
) -> list[str]:
    return alike.said(pairs[place], with_response=with_response)
