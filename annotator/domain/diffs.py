"""What changed between two texts, word by word: one definition for every screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annotator.domain.aligning import align
from annotator.domain.tokens import word_count, words
from revision_engine.types import PairText
from training.examples import FIELDS

Kind = Literal["equal", "insert", "delete", "replace"]


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch that is the same in both texts, or one change."""

    kind: Kind
    before: str
    after: str


CRUMB_WORDS = 2
"""So few words that two rewritten passages share are shared by chance."""


def word_diff(before: str, after: str) -> list[Hunk]:
    """The hunks from one text to the other, in order.

    Joined, their `before` sides are the first text and their `after` sides the
    second. White space alone between two changes belongs to the change, and so does
    a crumb: a word or two within one line, between two changes that are longer.
    """
    old, new = words(before), words(after)
    hunks = []
    for run in align(old, new):
        gone = "".join(old[run.start : run.end])
        come = "".join(new[run.new_start : run.new_end])
        hunks.append((run.equal, gone, come))
    merged = _joined(hunks)
    crumbless = _joined([_uncrumbed(merged, place) for place in range(len(merged))])
    return [Hunk(_kind(*piece), piece[1], piece[2]) for piece in crumbless]


Change = tuple[bool, str, str]
"""Whether both sides are equal, and the two sides."""


def _joined(pieces: Sequence[Change]) -> list[Change]:
    merged: list[Change] = []
    for equal, gone, come in pieces:
        if merged and merged[-1][0] == equal:
            _, before, after = merged[-1]
            merged[-1] = (equal, before + gone, after + come)
        else:
            merged.append((equal, gone, come))
    return merged


def _uncrumbed(pieces: Sequence[Change], place: int) -> Change:
    """The piece, as part of the change around it if it is only a crumb."""
    equal, text, _ = pieces[place]
    if not equal or not 0 < place < len(pieces) - 1:
        return pieces[place]
    return (not _is_crumb(pieces, place), text, text)


def _is_crumb(pieces: Sequence[Change], place: int) -> bool:
    text = pieces[place][1]
    if text.isspace():
        return True
    around = (pieces[place - 1], pieces[place + 1])
    longer = all(max(len(gone), len(come)) >= len(text) for _, gone, come in around)
    return longer and "\n" not in text and word_count(text) <= CRUMB_WORDS


def _kind(equal: bool, gone: str, come: str) -> Kind:  # noqa: FBT001
    if equal or gone == come:
        return "equal"
    if not gone:
        return "insert"
    return "replace" if come else "delete"


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """What a text changed in one field."""

    name: str
    hunks: Sequence[Hunk]


def field_diffs(before: PairText, after: PairText) -> list[FieldDiff]:
    """The fields of a pair that differ, in their order."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    return [
        FieldDiff(name, word_diff(old, new)) for name, old, new in pairs if old != new
    ]
