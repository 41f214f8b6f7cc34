"""Loops, the commonest fault of small models: found at the end of a text, and cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

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


def cut_loop(text: str, raw: str = "", *, finished: bool = True) -> str:
    """Keep the first copy of what the text repeats at its end.

    A last copy that breaks off counts as a copy, and so do lines that differ in
    their number or bullet alone. A text without a loop comes back as it is.

    Repetition that the raw text has itself is none: what stands there word for word
    stays, and where the raw text ends in n copies, so may this one, or in twice as
    many if the model ended it itself; of more, n are kept.
    """
    return _cut_lines(
        _cut_characters(text, raw, finished=finished), raw, finished=finished
    )


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
    return [
        _Tail(len(units) - 1 - place, place + 1 - width)
        for place, width in enumerate(border)
        if place + 1 >= TIMES * (place + 1 - width)
    ]


def _saying(units: Sequence[str], *, times: int = 1) -> Iterator[_Tail]:
    """The tails that say something, and are long enough for a loop if each is counted
    so many times.

    In linear time: all blocks of one period are the same block, turned.
    """
    behind = [0, *accumulate(len(unit) for unit in reversed(units))]
    speaks: dict[int, bool] = {}
    for tail in _tails(units):
        if tail.period not in speaks:
            speaks[tail.period] = any(map(_speaks, units[-tail.period :]))
        span = times * behind[len(units) - tail.start]
        if span >= (SPAN_CHARS if speaks[tail.period] else RULER_CHARS):
            yield tail
        elif speaks[tail.period]:
            block = "".join(units[tail.start : tail.start + tail.period])
            if len(block.strip()) >= BLOCK_CHARS:
                yield tail


def _speaks(unit: str) -> bool:
    return any(sign.isalnum() for sign in unit)


def _cut_characters(text: str, raw: str, *, finished: bool) -> str:
    loop = _loop(text)
    if loop is None or text[loop.start :].strip() in raw:
        return text
    copies = (len(text) - loop.start) // loop.period
    keep = _kept(copies, raw, finished=finished)
    if copies <= keep:
        return text
    return text[: _end_of_block(text, loop, keep)].rstrip()


def _loop(text: str) -> _Tail | None:
    """The loop whose cut leaves the least behind."""
    return min(_saying(text), key=_left_behind, default=None)


def _left_behind(tail: _Tail) -> int:
    return tail.start + tail.period


def _kept(copies: int, raw: str, *, finished: bool) -> int:
    """How many of so many copies stay, by those of the raw text."""
    own = _copies_at_end(raw)
    if own > 1 and finished and copies <= 2 * own:
        return copies
    return own


@lru_cache(maxsize=64)
def _copies_at_end(raw: str) -> int:
    """How often the raw text says at its end what it says there; 1: it does not repeat
    itself. Half of what makes a loop is enough."""
    lines = [_bare(line) for line in raw.split("\n") if line.strip()]
    found = [_most_copies(raw.strip()), _most_copies(lines)]
    return max(found)


def _most_copies(units: Sequence[str]) -> int:
    copies = (
        -(-(len(units) - tail.start) // tail.period) for tail in _saying(units, times=2)
    )
    return max(copies, default=1)


def _end_of_block(text: str, loop: _Tail, keep: int) -> int:
    """The end of the last block that stays, moved on to where a sentence or at least a
    word ends."""
    first = loop.start + keep * loop.period
    places = range(first, min(first + loop.period, len(text)))
    for place in places:
        if text[place - 1] in f"{SENTENCE_ENDS}\n":
            return place
    for place in places:
        if text[place].isspace() or (keep > 1 and text[place - 1].isspace()):
            return place
    return first


def _bare(line: str) -> str:
    return _NUMBERING.sub("", line).strip()


def _cut_lines(text: str, raw: str, *, finished: bool) -> str:
    lines = text.split("\n")
    filled = [place for place, line in enumerate(lines) if line.strip()]
    bare = [_bare(lines[place]) for place in filled]
    loop = _loop_of_lines(bare)
    if loop is None or _stands_in(bare[loop.start :], raw):
        return text
    copies = (len(bare) - loop.start) // loop.period
    keep = _kept(copies, raw, finished=finished)
    if copies <= keep:
        return text
    last = loop.start + keep * loop.period
    return "\n".join(lines[: filled[last - 1] + 1]).rstrip()


def _stands_in(bare: Sequence[str], raw: str) -> bool:
    """Whether the raw text has these lines one after the other."""
    own = "\n".join(_bare(line) for line in raw.split("\n") if line.strip())
    return "\n".join(["", *bare, ""]) in f"\n{own}\n"


def _loop_of_lines(bare: Sequence[str]) -> _Tail | None:
    found = []
    for dropped in (0, 1):  # the last line may have broken off
        whole = bare[: len(bare) - dropped]
        found += [
            tail
            for tail in _saying(whole)
            if not dropped or whole[-tail.period].startswith(bare[-1])
        ]
    return min(found, key=_left_behind, default=None)
