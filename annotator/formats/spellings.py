"""How files spell the columns of a pair, and which spelling of several counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

SPELLINGS = {
    "instruction": ("instruction", "Raw Instruction", "prompt", "question"),
    "input": ("input", "Raw Input", "context"),
    "response": (
        "output",
        "response",
        "Raw Response",
        "completion",
        "answer",
        "chosen",
    ),
    "revised instruction": ("Revised Instruction",),
    "revised input": ("Revised Input",),
    "revised response": ("Revised Response", "Revised Output"),
    "id": ("id",),
    "category": ("category",),
    "conversation": (
        "messages",
        "conversations",
        "conversation",
        "dialog",
        "dialogue",
        "turns",
    ),
    "system": ("system", "system prompt"),
    "history": ("history", "chat history"),
}
"""Alpaca's keys first, then those of the expert revisions, then plain renames of the
same thing. Case, blanks and underlines make no difference."""
REQUIRED = ("instruction", "response")
REVISED = ("revised instruction", "revised input", "revised response")


MAX_NAME_CHARS = 100


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def plain(name: str) -> str:
    """A name as one compares it; a very long one is nobody's, and is not looked at."""
    return _plain(name) if len(name) <= MAX_NAME_CHARS else name


_PLACES = {
    plain(spelling): (column, rank)
    for column, spellings in SPELLINGS.items()
    for rank, spelling in enumerate(spellings)
}


def place_of(name: str) -> tuple[str, int] | None:
    """The column that a name means, and its rank there; None for any other.

    `system` and `history` are none: what lies around a list of rows may say these, too.
    """
    place = _PLACES.get(plain(name))
    return None if place and place[0] in ("system", "history") else place


def is_missing(value: object) -> bool:
    """Whether a cell says nothing: null, the NaN of pandas, or an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


@lru_cache(maxsize=32)  # the rows of a file have few different sets of keys
def layout(keys: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """For each column its spellings among the keys, best first; and the other keys."""
    spelt: dict[str, list[tuple[int, str]]] = {}
    rest = []
    for key in keys:
        if place := _PLACES.get(plain(key)):
            spelt.setdefault(place[0], []).append((place[1], key))
        else:
            rest.append(key)
    ranked = {name: [key for _, key in sorted(found)] for name, found in spelt.items()}
    return ranked, rest


def sorted_out(
    row: Mapping[str, Any],
) -> tuple[dict[str, str], dict[str, Any]]:
    """The key that counts for each column, and all cells that no column takes.

    The first spelling that is filled counts; where none is, the first there is. A
    further one is an own column if it says something else.
    """
    ranked, others = layout(tuple(row))
    rest = {key: row[key] for key in others}
    chosen = {}
    for column, keys in ranked.items():
        chosen[column] = keys[0]
        if len(keys) > 1:
            filled = [key for key in keys if not is_missing(row[key])]
            chosen[column] = (filled or keys)[0]
            value = row[chosen[column]]
            rest |= {key: row[key] for key in filled[1:] if row[key] != value}
    return chosen, rest


def lacking(columns: Mapping[str, Any] | set[str]) -> str:
    """The required columns that are not there, with their spellings; empty if none.

    A column of turns holds question and answer.
    """
    if "conversation" in columns:
        return ""
    return "; ".join(
        f"{name} (as {' or '.join(SPELLINGS[name])})"
        for name in REQUIRED
        if name not in columns
    )
