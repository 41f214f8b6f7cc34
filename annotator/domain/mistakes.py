"""The places where a text offers a mistake, kind by kind: see planting.py.

Numbers and sentences are found in any language; units, names and negations in English
only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from annotator.domain.tokens import is_word, words


class Kind(StrEnum):
    """What is wrong."""

    NUMBER = "number"
    UNIT = "unit"
    NEGATION = "negation"
    NAME = "name"
    DROPPED = "dropped"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Swap:
    """A stretch of a text, and what to put there."""

    start: int
    end: int
    new: str


_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?![\w/-])")
# Blanks of its own line only: with line breaks each would be tried against all others.
_LIST_MARK = re.compile(r"^[^\S\n]*+(\d+)[.):]\s", re.MULTILINE)


def _numbers(text: str) -> list[Swap]:
    marks = {found.start(1) for found in _LIST_MARK.finditer(text)}
    return [
        Swap(found.start(), found.end(), _other_number(found.group()))
        for found in _NUMBER.finditer(text)
        if found.start() not in marks
    ]


def _other_number(digits: str) -> str:
    """Another number as long: its second digit, or its only one, moved by five."""
    at = min(1, len(digits) - 1)
    moved = str((int(digits[at]) + 5) % 10)
    return digits[:at] + moved + digits[at + 1 :]


UNITS = {
    "kilometers": "meters",
    "meters": "kilometers",
    "miles": "kilometers",
    "km": "m",
    "cm": "mm",
    "mm": "cm",
    "feet": "inches",
    "inches": "feet",
    "kilograms": "grams",
    "grams": "kilograms",
    "kg": "g",
    "pounds": "ounces",
    "ounces": "pounds",
    "liters": "milliliters",
    "ml": "liters",
    "cups": "teaspoons",
    "tablespoons": "cups",
    "seconds": "minutes",
    "minutes": "hours",
    "hours": "minutes",
    "days": "weeks",
    "weeks": "months",
    "months": "years",
    "years": "months",
    "million": "billion",
    "billion": "million",
}
_UNIT = re.compile(rf"(?<=\d )({'|'.join(UNITS)})\b|(?<=\d)(km|cm|mm|kg|ml)\b")


def _units(text: str) -> list[Swap]:
    return [
        Swap(found.start(), found.end(), UNITS[found.group()])
        for found in _UNIT.finditer(text)
    ]


_VERB = r"\b(is|are|was|were|can|could|should|will|would|must|does|did)"
_AFFIRMED = re.compile(_VERB + r"\b(?! not\b|n't)(?= (?!you|we|they|he|she|it)[a-z])")
_DENIED = re.compile(_VERB + r" not (?!only)([a-z]+)\b")


def _negations(text: str) -> list[Swap]:
    """Within statements: added ones, then taken ones with the word that they denied."""
    added = [
        Swap(found.start(), found.end(), f"{found.group()} not")
        for found in _in_statements(_AFFIRMED, text)
    ]
    taken = [
        Swap(found.start(), found.end(), " ".join(found.groups()))
        for found in _in_statements(_DENIED, text)
    ]
    return added + taken


_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*\b")
_DATE = re.compile(
    "January|February|March|April|May|June|July|August|September|October|November"
    "|December|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)


def _names(text: str) -> list[Swap]:
    """Each name but the first of the text, turned into the one named before it."""
    names = [
        found for found in _in_statements(_NAME, text) if not _DATE.match(found.group())
    ]
    return [
        Swap(name.start(), name.end(), before.group())
        for before, name in pairwise(names)
        if not {*before.group().split()} & {*name.group().split()}
    ]


# After a full stop, unless it belongs to the number of a list; at each line end.
_BREAK = re.compile(
    r"(?<=[.!?])(?<!\b\d\.)(?<!\b\d\d\.)[ \t]+(?=[\"'(A-Z])|(?<=[。！？])|\n+"
)
ENOUGH_WORDS = 5
"""Of a sentence that is worth dropping or saying twice."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence or line, white space between them left out."""
    ends = [found.span() for found in _BREAK.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return [
        (start, stop)
        for start, stop in zip(starts, stops, strict=True)
        if text[start:stop].strip()
    ]


_STATEMENT = re.compile(r"[A-Z].*\D[.!]$|.*[。！]$", re.DOTALL)


def _statements(text: str) -> list[tuple[int, int]]:
    """The sentences long enough to plant in; no titles, points of lists, questions."""
    return [
        (start, stop)
        for start, stop in sentences(text)
        if len(words_of(text[start:stop])) >= ENOUGH_WORDS
        and _STATEMENT.match(text[start:stop])
    ]


def _in_statements(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [
        found
        for start, stop in _statements(text)
        for found in pattern.finditer(text, start, stop)
    ]


def _dropped(text: str) -> list[Swap]:
    """Any statement but at the start and the end, with a space beside it.

    The last one of a line goes with the space before it, so the line break stays.
    """
    spans, offered = sentences(text), set(_statements(text))
    found = []
    for (_, before), (start, stop), (after, _) in zip(
        spans, spans[1:], spans[2:], strict=False
    ):
        if (start, stop) in offered:
            ends_line = "\n" in text[stop:after]
            found.append(
                Swap(before, stop, "") if ends_line else Swap(start, after, "")
            )
    return found


def _repeated(text: str) -> list[Swap]:
    return [
        Swap(start, stop, f"{text[start:stop]} {text[start:stop]}")
        for start, stop in _statements(text)
    ]


def words_of(text: str) -> list[str]:
    return [word for word in words(text.lower()) if is_word(word)]


SWAPS: dict[Kind, Callable[[str], list[Swap]]] = {
    Kind.NUMBER: _numbers,
    Kind.UNIT: _units,
    Kind.NEGATION: _negations,
    Kind.NAME: _names,
    Kind.DROPPED: _dropped,
    Kind.REPEATED: _repeated,
}
