"""What became of each change that the draft proposed: read off the texts.

A final text is laid over the hunks of raw -> draft. The same pieces fill the editor,
where each hunk can be accepted or rejected, and are stored with the review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rapidfuzz.distance import Indel

from annotator.domain.aligning import numbered
from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.tokens import words

Code = tuple[str, int, int, int, int]


class Outcome(StrEnum):
    """What a person made of one change."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EDITED = "edited"
    OWN = "own"
    """A change where the draft proposed none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the final text, with what stands there in the raw pair and draft.

    Where nothing changed all three are the same and `outcome` is None.
    """

    before: str
    after: str
    final: str
    outcome: Outcome | None


def place(raw: str, draft: str, final: str) -> list[Piece]:
    """Lay `final` over the hunks from `raw` to `draft` (see `lay`)."""
    return lay(word_diff(raw, draft), final)


def lay(hunks: Sequence[Hunk], final: str) -> list[Piece]:
    """Lay `final` over hunks that are known already.

    Joined, the pieces' sides are the three texts. A text made only by accepting and
    rejecting hunks is read exactly so; what was typed goes to the hunk it touches.
    """
    left, start = _from_the_left(hunks, final)
    right, end = _from_the_right(hunks[len(left) :], final[start:])
    middle = hunks[len(left) : len(hunks) - len(right)]
    between = final[start : len(final) - end]
    return [*left, *_between(middle, between), *right]


def whole(hunk: Hunk, final: str) -> Piece:
    """One change with the text that stands in its place."""
    if final == hunk.after:
        outcome = Outcome.ACCEPTED
    elif final == hunk.before:
        outcome = Outcome.REJECTED
    else:
        outcome = Outcome.EDITED
    return Piece(hunk.before, hunk.after, final, outcome)


def _same(text: str) -> Piece:
    return Piece(text, text, text, None)


def _from_the_left(hunks: Sequence[Hunk], final: str) -> tuple[list[Piece], int]:
    """Pieces that fit exactly from the start on, and how many characters they take."""
    pieces: list[Piece] = []
    place = 0
    for number, hunk in enumerate(hunks):
        if hunk.kind == "equal":
            if not final.startswith(hunk.after, place):
                break
            pieces.append(_same(hunk.after))
        else:
            follows = hunks[number + 1].after if number + 1 < len(hunks) else None
            choice = _choice(hunk, final[place:], follows)
            if choice is None:
                break
            pieces.append(whole(hunk, choice))
        place += len(pieces[-1].final)
    return pieces, place


def _choice(hunk: Hunk, rest: str, follows: str | None) -> str | None:
    """The side of the hunk that the rest starts with; None if it is neither."""
    for side in (hunk.after, hunk.before):
        fits = rest == side if follows is None else rest.startswith(side + follows)
        if fits:
            return side
    return None


def _from_the_right(hunks: Sequence[Hunk], final: str) -> tuple[list[Piece], int]:
    mirrored = [Hunk(h.kind, h.before[::-1], h.after[::-1]) for h in reversed(hunks)]
    pieces, taken = _from_the_left(mirrored, final[::-1])
    turned = [
        Piece(p.before[::-1], p.after[::-1], p.final[::-1], p.outcome) for p in pieces
    ]
    return turned[::-1], taken


def _between(hunks: Sequence[Hunk], final: str) -> list[Piece]:
    """Where the person typed: cut the text at the hunks' borders, by word diff."""
    if not hunks:
        return [Piece("", "", final, Outcome.OWN)] if final else []
    cuts = _cuts(hunks, final)
    pieces: list[Piece] = []
    for hunk, (start, end) in zip(hunks, pairwise(cuts), strict=True):
        text = final[start:end]
        if hunk.kind == "equal":
            pieces.extend(_own(hunk.after, text))
        else:
            pieces.append(whole(hunk, text))
    return pieces


def _own(offered: str, final: str) -> list[Piece]:
    return [
        _same(hunk.after)
        if hunk.kind == "equal"
        else Piece(hunk.before, hunk.before, hunk.after, Outcome.OWN)
        for hunk in word_diff(offered, final)
    ]


def _cuts(hunks: Sequence[Hunk], final: str) -> list[int]:
    """Character positions in `final` of the borders between hunks, ends included."""
    old = [words(hunk.after) for hunk in hunks]
    new = words(final)
    starts = [0]
    for token in new:
        starts.append(starts[-1] + len(token))
    numbers = numbered([token for part in old for token in part], new)
    opcodes = [
        (code.tag, code.src_start, code.src_end, code.dest_start, code.dest_end)
        for code in Indel.opcodes(*numbers)
    ]
    cuts, border = [0], 0
    for part, following in zip(old, hunks[1:], strict=False):
        border += len(part)
        low, high = _range(opcodes, border)
        # What was typed at a border belongs to the change beside it.
        chosen = high if following.kind == "equal" else low
        cuts.append(max(cuts[-1], starts[chosen]))
    return [*cuts, len(final)]


def _range(opcodes: Sequence[Code], border: int) -> tuple[int, int]:
    """The tokens of the new text at which a border of the old one may lie."""
    found = []
    for tag, start, end, new_start, new_end in opcodes:
        if not start <= border <= end:
            continue
        if tag == "equal":
            found.append(new_start + border - start)
        else:
            found += [new_start] * (border < end or border == start)
            found += [new_end] * (border > start or border == end)
    return (min(found), max(found)) if found else (0, 0)
