"""One seeded mistake in a good answer, and what a person made of it.

A mistake is planted only where it can be found on the page: a number, unit, name or
sentence that is changed stands in the raw pair, too; a negation or a repetition shows
by reading. What nobody could notice would measure luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from annotator.domain import chance
from annotator.domain.aligning import numbered
from annotator.domain.mistakes import SWAPS, Kind, Swap, words_of
from annotator.domain.tokens import words
from revision_engine.types import PairText

STANDS_IN_THE_RAW_PAIR = {Kind.NUMBER, Kind.UNIT, Kind.NAME, Kind.DROPPED}
SAID_AGAIN = 0.5
"""Share of a dropped sentence's words that must be back for it to be said again."""


class CheckOutcome(StrEnum):
    """What became of a planted mistake."""

    MENDED = "mended"
    """As it was before."""
    CHANGED = "changed"
    """Gone, with other words in its place."""
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A response with one mistake in it."""

    kind: Kind
    response: str
    start: int
    """Where the mistake begins, in characters of `response`."""
    before: str
    """What stood there."""
    after: str
    """What stands there now; empty for a sentence that was dropped."""


def plant(good: PairText, raw: PairText, seed: str) -> Planted | None:
    """The good response with a mistake drawn by `seed`; None if it offers none.

    The kind is drawn first, so that rare kinds come as often as frequent ones.
    """
    offered = {kind: _fair(kind, good.response, raw) for kind in SWAPS}
    kinds = [kind for kind, swaps in offered.items() if swaps]
    if not kinds:
        return None
    kind = kinds[chance.pick(f"{seed}:kind", len(kinds))]
    swaps = offered[kind]
    return _planted(kind, good.response, swaps[chance.pick(seed, len(swaps))])


def _fair(kind: Kind, text: str, raw: PairText) -> list[Swap]:
    swaps = SWAPS[kind](text)
    if kind not in STANDS_IN_THE_RAW_PAIR:
        return swaps
    seen = _spaced(" ".join((raw.instruction, raw.input, raw.response)))
    return [swap for swap in swaps if _spaced(text[swap.start : swap.end]) in seen]


def _spaced(text: str) -> str:
    """The words between spaces, so that 5 is not found in 15."""
    return f" {' '.join(words_of(text))} "


def _planted(kind: Kind, text: str, swap: Swap) -> Planted:
    return Planted(
        kind=kind,
        response=text[: swap.start] + swap.new + text[swap.end :],
        start=swap.start,
        before=text[swap.start : swap.end],
        after=swap.new,
    )


def outcome(planted: Planted, final: str) -> CheckOutcome:
    """Read off the person's response what became of the mistake."""
    if planted.kind == Kind.DROPPED:
        return _dropped(planted, final)
    if planted.kind == Kind.REPEATED:
        return _repeated(planted, final)
    found = _in_its_place(planted, _tokens(final))
    if found == _tokens(planted.after):
        return CheckOutcome.LEFT
    return (
        CheckOutcome.MENDED
        if found == _tokens(planted.before)
        else CheckOutcome.CHANGED
    )


def _tokens(text: str) -> list[str]:
    return [word for word in words(text) if not word.isspace()]


def _dropped(planted: Planted, final: str) -> CheckOutcome:
    sentence = words_of(planted.before)
    there, then = words_of(final), words_of(planted.response)
    if _times(sentence, there) > _times(sentence, then):
        return CheckOutcome.MENDED
    back = (Counter(there) - Counter(then)) & Counter(sentence)
    said_again = back.total() >= SAID_AGAIN * len(sentence)
    return CheckOutcome.CHANGED if said_again else CheckOutcome.LEFT


def _repeated(planted: Planted, final: str) -> CheckOutcome:
    sentence = words_of(planted.before)
    now = _times(sentence, words_of(final))
    right = _times(sentence, words_of(planted.response)) - 1
    if now > right:
        return CheckOutcome.LEFT
    return CheckOutcome.MENDED if now == right else CheckOutcome.CHANGED


def _times(part: Sequence[str], whole: Sequence[str]) -> int:
    """How often the words follow each other like this."""
    places = range(len(whole) - len(part) + 1)
    return sum(whole[at : at + len(part)] == part for at in places)


def _in_its_place(planted: Planted, final: list[str]) -> list[str]:
    """What the final text says where the mistake was, by the shortest edit."""
    first = len(_tokens(planted.response[: planted.start]))
    last = first + len(_tokens(planted.after))
    found: list[str] = []
    codes = Levenshtein.opcodes(*numbered(_tokens(planted.response), final))
    for code in codes:
        if code.src_start == code.src_end:
            if first < code.src_start < last:
                found += final[code.dest_start : code.dest_end]
        elif code.tag != "delete":
            shift = code.dest_start - code.src_start
            start, end = max(first, code.src_start), min(last, code.src_end)
            found += final[start + shift : max(end, start) + shift]
    return found
