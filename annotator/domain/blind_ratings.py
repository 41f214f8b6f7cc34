"""Blind ratings by people: what is ordered, who meets what when, and what a text's
raters say together."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from annotator.domain.orders import filled_in

MOST_TEXTS = 300
"""Pairs of one order: as many are kept ready of a report or a study."""
MOST_RATERS = 10
TEXTS, RATERS = 40, 3
HIGHEST = 100
"""Of a score by the rubric; the lowest is 0."""


class Mode(StrEnum):
    """What a rater is asked."""

    RATE = "rate"
    """One text at a time, 0 to 100 by the rubric."""
    COMPARE = "compare"
    """Two texts side by side: which is better?"""


class Side(StrEnum):
    """The two that are compared; `ONE` is the one to beat."""

    ONE = "one"
    OTHER = "other"


class Choice(StrEnum):
    """The better of two texts."""

    ONE = "one"
    TIE = "tie"
    OTHER = "other"


class Place(StrEnum):
    """What a rater names: they know places, and no sides."""

    LEFT = "left"
    TIE = "tie"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindOrder:
    """One order, in full; ValueError says what is wrong."""

    mode: Mode = Mode.COMPARE
    texts: int = TEXTS
    """Pairs that are drawn."""
    raters: int = RATERS
    """People who meet each text."""
    people: tuple[str, ...] = ()
    """Their user names; as many as raters, or more."""
    one: str = ""
    """Of a study: the arm to beat; empty: the first one."""
    other: str = ""
    """Of a study: the arm beside it; empty: the second one."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("texts", 1, MOST_TEXTS),
            ("raters", 1, MOST_RATERS),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be from {least} to {most}")
        if len(set(self.people)) != len(self.people):
            raise ValueError("people: each is named once")
        if len(self.people) < self.raters:
            raise ValueError(
                f"people: name at least {self.raters}, as many as rate each text"
            )
        if self.one and self.one == self.other:
            raise ValueError("other: a study compares two different arms")

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what a person sent; ValueError names what is wrong."""
        kept = filled_in(cls, given)
        if "mode" in kept:
            kept["mode"] = _mode(kept["mode"])
        for name in ("texts", "raters"):
            if name in kept:
                kept[name] = _whole(name, kept[name])
        for name in ("one", "other"):
            if not isinstance(kept.get(name, ""), str):
                raise ValueError(f"{name} must be a name, got {kept[name]!r}")
        people = kept.get("people", ())
        if not isinstance(people, list | tuple) or not all(
            isinstance(each, str) for each in people
        ):
            raise ValueError(f"people must be a list of user names, got {people!r}")
        kept["people"] = tuple(people)
        return cls(**kept)


def _mode(typed: object) -> Mode:
    try:
        return Mode(str(typed))
    except ValueError:
        known = ", ".join(Mode)
        raise ValueError(f"mode must be one of {known}, got {typed!r}") from None


def _whole(name: str, typed: object) -> int:
    try:
        return int(str(typed))
    except ValueError:
        raise ValueError(f"{name} must be a whole number, got {typed!r}") from None


def draw(key: str) -> str:
    """Where a text stands among those that may be rated: by chance, and the same
    each time."""
    return _hash("drawn", key)


def turn(order: int, person: int, pair: int, side: str) -> str:
    """Where a text stands in a person's own order."""
    return _hash("turn", order, person, pair, side)


def is_swapped(order: int, person: int, pair: int) -> bool:
    """Whether this person sees the other one on the left."""
    return int(_hash("side", order, person, pair)[:8], 16) % 2 == 1


def chosen(place: Place, *, swapped: bool) -> Choice:
    """What a person who named a place holds for better."""
    if place is Place.TIE:
        return Choice.TIE
    return Choice.OTHER if (place is Place.LEFT) == swapped else Choice.ONE


def _hash(*parts: object) -> str:
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


def together(votes: Sequence[Choice]) -> Choice:
    """What more than half of a text's raters name; a tie, if nothing is."""
    [(choice, count)] = Counter(votes).most_common(1)
    return choice if 2 * count > len(votes) else Choice.TIE


def by_scores(one: float, other: float) -> Choice:
    """The one that is rated higher."""
    if math.isclose(one, other):
        return Choice.TIE
    return Choice.OTHER if other > one else Choice.ONE
