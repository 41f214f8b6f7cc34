"""What changed between two texts, word by word: one definition for every screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["equal", "insert", "delete", "replace"]

# A word, a run of white space, one CJK character, or one other sign.
_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003fffd"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch that is the same in both texts, or one change."""

    kind: Kind
    before: str
    after: str


def words(text: str) -> list[str]:
    """The text as tokens that join to it again."""
    return _TOKEN.findall(text)


def word_diff(before: str, after: str) -> list[Hunk]:
    """The hunks from one text to the other, in order.

    Joined, their `before` sides are the first text and their `after` sides the
    second. White space alone between two changes belongs to the change.
    """
    old, new = words(before), words(after)
    ids: dict[str, int] = {}
    numbers = [
        [ids.setdefault(token, len(ids)) for token in tokens] for tokens in (old, new)
    ]
    hunks = []
    for code in Indel.opcodes(*numbers):
        gone = "".join(old[code.src_start : code.src_end])
        come = "".join(new[code.dest_start : code.dest_end])
        hunks.append((code.tag == "equal", gone, come))
    return _merged(hunks)


def _merged(pieces: Sequence[tuple[bool, str, str]]) -> list[Hunk]:
    """Join neighbouring changes, over islands of mere white space too."""
    merged: list[tuple[bool, str, str]] = []
    for position, (equal, gone, come) in enumerate(pieces):
        between = 0 < position < len(pieces) - 1
        same = equal and not (between and gone.isspace())
        if merged and merged[-1][0] == same:
            _, before, after = merged[-1]
            merged[-1] = (same, before + gone, after + come)
        else:
            merged.append((same, gone, come))
    return [Hunk(_kind(*piece), piece[1], piece[2]) for piece in merged]


def _kind(equal: bool, gone: str, come: str) -> Kind:  # noqa: FBT001
    if equal or gone == come:
        return "equal"
    if not gone:
        return "insert"
    return "replace" if come else "delete"
