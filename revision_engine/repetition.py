"""Loops, the commonest fault of small models: found at the end of a text, and cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

TIMES = 3
"""A refrain may come twice; what ends a text three times over is a loop."""
BLOCK_CHARS = 12
"""A block shorter than this is a loop only if ..."""
SPAN_CHARS = 60
"""... its copies together are this long: `row, row, row` stays."""
RULER_CHARS = 200
"""The same for a block without a letter or digit: a table's dashes stay."""
DISTINCT_SHARE = 0.4
"""Below this share of distinct word 4-grams a text says the same all over."""
MIN_GRAMS = 40

_NUMBERING = re.compile(r"^\s*(?:[-*•]|\(?\d{1,4}[.):])\s*")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
SENTENCE_ENDS = ".!?\u3002\uff01\uff1f"


@dataclass(frozen=True, slots=True)
class _Tail:
    """Where the repetition at the end starts, and how long one block is."""

    start: int
    period: int


def cut_loop(text: str) -> str:
    """Keep the first copy of what the text repeats at its end.

    A last copy that breaks off counts as a copy, and so do lines that differ in
    their number or bullet alone. A text without a loop comes back as it is.
    """
    return _cut_lines(_cut_characters(text))


def mostly_repeats(text: str) -> bool:
    """Whether most of a text's word 4-grams have been there before."""
    words = _WORD.findall(text.lower())
    grams = [tuple(words[place : place + 4]) for place in range(len(words) - 3)]
    return len(grams) >= MIN_GRAMS and len(set(grams)) < DISTINCT_SHARE * len(grams)


def _tails(units: Sequence[str]) -> list[_Tail]:
    """Every tail of at least TIMES blocks, in linear time.

    The failure function (Knuth, Morris, Pratt) of the reversed units gives the
    smallest period of each tail.
    """
    back = units[::-1]
    border = [0] * len(back)
    for place in range(1, len(back)):
        width = border[place - 1]
        while width and back[place] != back[width]:
            width = border[width - 1]
        border[place] = width + (back[place] == back[width])
    sizes = ((place + 1, place + 1 - width) for place, width in enumerate(border))
    return [
        _Tail(len(units) - length, period)
        for length, period in sizes
        if length >= TIMES * period
    ]


def _counts(block: str, span: int) -> bool:
    if not any(sign.isalnum() for sign in block):
        return span >= RULER_CHARS
    return len(block.strip()) >= BLOCK_CHARS or span >= SPAN_CHARS


def _cut_characters(text: str) -> str:
    loops = [
        tail
        for tail in _tails(text)
        if _counts(text[tail.start : tail.start + tail.period], len(text) - tail.start)
    ]
    if not loops:
        return text
    # The loop that leaves the least behind.
    loop = min(loops, key=lambda tail: tail.start + tail.period)
    return text[: _end_of_block(text, loop)].rstrip()


def _end_of_block(text: str, loop: _Tail) -> int:
    """The first block's end, moved on to where a sentence or at least a word ends."""
    first = loop.start + loop.period
    places = range(first, first + loop.period)
    for place in places:
        if text[place - 1] in f"{SENTENCE_ENDS}\n":
            return place
    for place in places:
        if text[place].isspace():
            return place
    return first


def _cut_lines(text: str) -> str:
    lines = text.split("\n")
    filled = [place for place, line in enumerate(lines) if line.strip()]
    bare = [_NUMBERING.sub("", lines[place]).strip() for place in filled]
    keep = _lines_to_keep(bare)
    if keep == len(bare):
        return text
    return "\n".join(lines[: filled[keep - 1] + 1]).rstrip()


def _lines_to_keep(bare: list[str]) -> int:
    best = len(bare)
    for dropped in (0, 1):  # the last line may have broken off
        whole = bare[: len(bare) - dropped]
        for tail in _tails(whole):
            block = whole[tail.start : tail.start + tail.period]
            expected = whole[-tail.period]
            if dropped and not expected.startswith(bare[-1]):
                continue
            if _counts("".join(block), sum(map(len, whole[tail.start :]))):
                best = min(best, tail.start + tail.period)
    return best
