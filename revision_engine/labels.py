"""The labels before a pair's fields: their spelling, and what models make of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

NAMES = ("Instruction", "Input", "Response")
_NAME = rf"(?P<name>{'|'.join(NAMES)})"
_REVISED = r"(?:(?:Revised|Improved|Corrected|Updated|New|Final)[ \t]+)?"


@lru_cache(maxsize=256)
def on_lines(mark: str = "", *, must: bool = False) -> re.Pattern[str]:
    """Labels at the start of lines, also as headings, in bold, or called revised.

    `mark` is what the prompt added to them; a coach may have left it off, unless it
    `must` be there. A label in bold keeps its marks to itself; those of the text after
    it are the text's.
    """
    return re.compile(
        r"^[ \t]*(?P<heading>\#{1,6}[ \t]*)?(?P<bold>\*\*|__|\*)?"
        rf"{_REVISED}{_NAME}{_marked(mark, must=must)}"
        r"(?(bold)(?:(?P=bold)[ \t]*[:：]|[ \t]*[:：][ \t]*(?P=bold)"
        r"|(?P=bold)[ \t]*(?=\n))"
        r"|(?(heading)[ \t]*(?:[:：]|(?=\n))|[ \t]*[:：]))",
        re.MULTILINE,
    )


@lru_cache(maxsize=256)
def anywhere(mark: str = "") -> re.Pattern[str]:
    """Labels in the running text, as in the published one-line format."""
    return re.compile(rf"(?<!\S){_NAME}{_marked(mark, must=False)}[ \t]*[:：]")


def _marked(mark: str, *, must: bool) -> str:
    if not mark:
        return ""
    return rf"[ \t]*{re.escape(mark)}" if must else rf"(?:[ \t]*{re.escape(mark)})?"


_EITHER = re.compile(
    rf"(?:(?<!\S)|^[ \t]*[#*_ \t]{{0,9}}{_REVISED}){_NAME}"
    r"(?:[ \t]*\[\d+\])?[ \t*_]*(?:[:：]|$)",
    re.MULTILINE,
)


def has_pair(text: str) -> bool:
    """Whether an instruction and, somewhere behind it, a response are labelled."""
    return pairs_behind(text)(0)


LABEL_CHARS = 200
"""More than any label has."""


def pairs_behind(text: str) -> Callable[[int], bool]:
    """Asks whether `text[place:]` has a labelled pair; quick for many places."""
    starts: dict[str, list[int]] = {name: [-1] for name in NAMES}
    for label in _EITHER.finditer(text):
        starts[label["name"]].append(label.start())
    response = starts["Response"][-1]
    last = max(
        place for place in starts["Instruction"] if place < response or place < 0
    )

    def has_one(place: int) -> bool:
        if last >= place:
            return True
        # Where the text is cut, a label may stand that was no word of its own before.
        first = _EITHER.match(text[place : place + LABEL_CHARS])
        return bool(first and first["name"] == "Instruction" and response > place)

    return has_one
