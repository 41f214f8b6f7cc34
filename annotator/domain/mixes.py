"""Which decisions about changes make a text: found from its beginning and its end.

A reach is a list of layers. Layer n says where in the text the decisions about n
changes can have led, and how many of them were accepted at the most. Each layer follows
from the one before it, so the work grows with the changes and the places they can lead
to, not with the number of mixes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from annotator.domain.diffs import Hunk

Layer = dict[int, int]
MOST_STEPS = 60_000
"""Places that one reach may have. Only texts that repeat themselves have so many; what
is beyond is then read as if it had been typed."""


def from_the_left(hunks: Sequence[Hunk], final: str) -> list[Layer]:
    """Layer n: where the first n hunks can end, as far as any mix leads."""

    def follow(place: int, side: str) -> int:
        return place + len(side) if final.startswith(side, place) else -1

    return _reach(hunks, 0, follow)


def from_the_right(hunks: Sequence[Hunk], final: str) -> list[Layer]:
    """Layer n: where the last n hunks can begin, as far as any mix leads."""

    def follow(place: int, side: str) -> int:
        return place - len(side) if final.endswith(side, 0, place) else -1

    return _reach(hunks[::-1], len(final), follow)


def _reach(
    hunks: Sequence[Hunk], start: int, follow: Callable[[int, str], int]
) -> list[Layer]:
    layers: list[Layer] = [{start: 0}]
    steps = 0
    for hunk in hunks:
        found: Layer = {}
        for place, accepted in layers[-1].items():
            for side, more in _sides(hunk):
                if (there := follow(place, side)) >= 0:
                    found[there] = max(found.get(there, 0), accepted + more)
        steps += len(found)
        if not found or steps > MOST_STEPS:
            break
        layers.append(found)
    return layers


def _sides(hunk: Hunk) -> tuple[tuple[str, int], ...]:
    """What may stand in its place, and whether that accepts a change."""
    if hunk.kind == "equal":
        return ((hunk.after, 0),)
    return ((hunk.after, 1), (hunk.before, 0))


def chosen_from(
    layers: Sequence[Layer], hunks: Sequence[Hunk], final: str, place: int
) -> list[str]:
    """The sides of the last hunks from `place` on, by the layers `from_the_right`.

    Of several mixes it takes one that accepts the most changes, the earliest first.
    """
    sides = []
    count = len(hunks)
    for number, hunk in enumerate(hunks):
        after, accepted = layers[count - number - 1], layers[count - number][place]
        side = next(
            side
            for side, more in _sides(hunk)
            if final.startswith(side, place)
            and after.get(place + len(side)) == accepted - more
        )
        sides.append(side)
        place += len(side)
    return sides


def chosen_until(
    layers: Sequence[Layer], hunks: Sequence[Hunk], final: str, place: int
) -> list[str]:
    """The same for the first hunks up to `place`, by the layers `from_the_left`."""
    sides = []
    for number in range(len(hunks), 0, -1):
        before, accepted = layers[number - 1], layers[number][place]
        side = next(
            side
            for side, more in _sides(hunks[number - 1])
            if final.endswith(side, 0, place)
            and before.get(place - len(side)) == accepted - more
        )
        sides.append(side)
        place -= len(side)
    return sides[::-1]
