"""What became of each change that the draft proposed: read off the texts.

A final text is laid over the hunks of raw -> draft. The same pieces fill the editor,
where each hunk can be accepted or rejected, and are stored with the review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from annotator.domain import mixes
from annotator.domain.aligning import Run, align
from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.tokens import words


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
    rejecting hunks is read exactly so. Where several mixes make the same text, it is
    the draft as it is, else the raw text as it is, else the mix that accepts the most,
    the earliest first. What was typed goes to the hunk it touches.
    """
    for side in ("after", "before"):
        sides = [getattr(hunk, side) for hunk in hunks]
        if final == "".join(sides):
            return _decided(hunks, sides)
    right = mixes.from_the_right(hunks, final)
    if len(right) > len(hunks) and 0 in right[-1]:
        return _decided(hunks, mixes.chosen_from(right, hunks, final, 0))
    return _typed(hunks, final, right)


def _decided(hunks: Sequence[Hunk], sides: Sequence[str]) -> list[Piece]:
    return [
        _same(side) if hunk.kind == "equal" else whole(hunk, side)
        for hunk, side in zip(hunks, sides, strict=True)
    ]


def _typed(
    hunks: Sequence[Hunk], final: str, right: Sequence[mixes.Layer]
) -> list[Piece]:
    """Decisions as far as they reach from both ends; what is between was typed."""
    left = mixes.from_the_left(hunks, final)
    first, start, last, end = _gap(left, right, len(hunks))
    before = mixes.chosen_until(left, hunks[:first], final, start)
    after = mixes.chosen_from(right, hunks[last:], final, end)
    if first == last and first and hunks[first - 1].kind != "equal":
        first -= 1
        start -= len(before.pop())
    elif first == last < len(hunks) and hunks[last].kind != "equal":
        last += 1
        end += len(after.pop(0))
    return [
        *_decided(hunks[:first], before),
        *_between(hunks[first:last], final[start:end]),
        *_decided(hunks[last:], after),
    ]


def _gap(
    left: Sequence[mixes.Layer], right: Sequence[mixes.Layer], count: int
) -> tuple[int, int, int, int]:
    """Hunks and characters that decisions do not explain, as few as there can be.

    Decisions lead as far as possible from the left, then from the right; the fewest
    typed characters are the most likely, then the most accepted changes.
    """
    first = len(left) - 1
    best = (-1, 0, 0, 0)
    for start, accepted in left[first].items():
        for taken in range(min(len(right) - 1, count - first), -1, -1):
            ends = [end for end in right[taken] if end >= start]
            if ends:
                end = min(ends)
                more = right[taken][end]
                best = max(best, (taken, start - end, accepted + more, start))
                break
    taken, typed, _, start = best
    return first, start, count - taken, start - typed


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
    if offered == final:
        return [_same(final)]
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
    places = _Places(align([token for part in old for token in part], new))
    cuts, border = [0], 0
    for part, following in zip(old, hunks[1:], strict=False):
        border += len(part)
        low, high = places.of(border)
        # What was typed at a border belongs to the change beside it.
        chosen = high if following.kind == "equal" else low
        cuts.append(max(cuts[-1], starts[chosen]))
    return [*cuts, len(final)]


class _Places:
    """Where borders of the old text lie in the new one, asked from left to right."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.first = 0

    def of(self, border: int) -> tuple[int, int]:
        """The tokens of the new text at which the border may lie."""
        while self.first < len(self.runs) and self.runs[self.first].end < border:
            self.first += 1
        found: list[int] = []
        for index in range(self.first, len(self.runs)):
            run = self.runs[index]
            if run.start > border:
                break
            if run.equal:
                found.append(run.new_start + border - run.start)
            else:
                found += [run.new_start] * (border < run.end or border == run.start)
                found += [run.new_end] * (border > run.start or border == run.end)
        return (min(found), max(found)) if found else (0, 0)
