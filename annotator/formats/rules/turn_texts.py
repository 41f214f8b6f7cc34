"""The texts of earlier turns and of columns: taken out, and put in again.

A turn is an object with role and content, and whatever else its file said: parts,
names, the arguments of a call. All texts within it are somebody's but for the role;
of columns all are. What things are called (the keys of an object) is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Turns = Sequence[Mapping[str, Any]]
ROLE = "role"


def texts_of(turns: Turns) -> list[str]:
    """All texts of the turns, in their order."""
    return [text for turn in turns for text in _within(turn, ROLE)]


def texts_within(value: object) -> list[str]:
    """All texts of a column."""
    return list(_within(value))


def _within(value: object, but: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if not but or name != but:
                yield from _within(inner, but)
    elif isinstance(value, list):
        for inner in value:
            yield from _within(inner, but)


def with_texts(turns: Turns, texts: Iterable[str]) -> list[dict[str, Any]]:
    """The turns with these texts in the places of theirs."""
    coming = iter(texts)
    return [_replaced(turn, coming, ROLE) for turn in turns]


def with_texts_within(value: Any, texts: Iterable[str]) -> Any:
    """A column with these texts in the places of its own."""
    return _replaced(value, iter(texts))


def _replaced(value: Any, coming: Iterator[str], but: str = "") -> Any:
    if isinstance(value, str):
        return next(coming)
    if isinstance(value, Mapping):
        return {
            name: inner if but and name == but else _replaced(inner, coming, but)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_replaced(inner, coming, but) for inner in value]
    return value


def spoken(turns: Turns) -> str:
    """The turns as one text, for people: who, and what was said."""
    return "\n\n".join(
        f"{turn.get(ROLE, '')}: {' '.join(_within(turn, ROLE))}" for turn in turns
    )
