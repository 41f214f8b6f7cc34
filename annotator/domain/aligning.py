"""Which tokens two texts share: exact as long as that is cheap, coarser beyond.

The exact way compares each token of one text with each of the other, so its cost grows
with the product of their lengths. Texts for which that is too much are aligned by
lines first, then what is between by sentences, and only what is still small enough by
words: a change is then shown larger than it is, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz.distance import Indel

MOST_CELLS = 100_000_000
"""Comparisons for two texts, all together: 10,000 tokens on either side."""
_LINE_ENDS = frozenset("\n")
_SENTENCE_ENDS = frozenset("\n.!?…。！？।॥؟۔")


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens start:end of the old text, and those of the new one in their place."""

    start: int
    end: int
    new_start: int
    new_end: int
    equal: bool = False


def numbered(*texts: Sequence[str]) -> list[list[int]]:
    """Tokens as numbers, the same for the same token: what rapidfuzz compares fast."""
    ids: dict[str, int] = {}
    return [[ids.setdefault(token, len(ids)) for token in text] for text in texts]


def align(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Runs from one text to the other; they cover both, in order."""
    return list(_Alignment(old, new).runs())


class _Alignment:
    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self.texts = (old, new)
        self.left = MOST_CELLS

    def runs(self) -> Iterator[Run]:
        whole = Run(0, len(self.texts[0]), 0, len(self.texts[1]))
        return self._within(whole, (_LINE_ENDS, _SENTENCE_ENDS))

    def _within(self, gap: Run, levels: Sequence[frozenset[str]]) -> Iterator[Run]:
        """The gap in finer runs, by words if they are few enough."""
        head, middle, tail = self._trimmed(gap)
        yield from head
        if middle.start == middle.end or middle.new_start == middle.new_end:
            yield from _unless_empty(middle)
        elif self._is_affordable(*_size(middle)):
            yield from self._by_words(middle)
        elif levels:
            yield from self._by_blocks(middle, levels)
        else:
            yield middle
        yield from tail

    def _is_affordable(self, one: int, other: int) -> bool:
        if one * other > self.left:
            return False
        self.left -= one * other
        return True

    def _trimmed(self, gap: Run) -> tuple[list[Run], Run, list[Run]]:
        """Cut off what both sides begin and end with."""
        old, new = self._tokens(gap)
        most = min(len(old), len(new))
        head = next((n for n in range(most) if old[n] != new[n]), most)
        most -= head
        tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
        first = _same(gap.start, gap.new_start, head)
        last = _same(gap.end - tail, gap.new_end - tail, tail)
        middle = Run(first.end, last.start, first.new_end, last.new_start)
        return _unless_empty(first), middle, _unless_empty(last)

    def _tokens(self, run: Run) -> tuple[Sequence[str], Sequence[str]]:
        old, new = self.texts
        return old[run.start : run.end], new[run.new_start : run.new_end]

    def _by_words(self, gap: Run) -> Iterator[Run]:
        return _shared(*self._tokens(gap), gap.start, gap.new_start)

    def _by_blocks(self, gap: Run, levels: Sequence[frozenset[str]]) -> Iterator[Run]:
        """Align whole lines or sentences, then what is between them."""
        ends, *finer = levels
        old, new = (_blocks(tokens, ends) for tokens in self._tokens(gap))
        if not self._is_affordable(len(old), len(new)):
            yield from self._within(gap, finer)
            return
        places = _starts(old, gap.start), _starts(new, gap.new_start)
        for run in _shared(_joined(old), _joined(new)):
            wide = Run(
                *(places[0][run.start], places[0][run.end]),
                *(places[1][run.new_start], places[1][run.new_end]),
                equal=run.equal,
            )
            yield from [wide] if run.equal else self._within(wide, finer)


def _same(start: int, new_start: int, count: int) -> Run:
    return Run(start, start + count, new_start, new_start + count, equal=True)


def _size(run: Run) -> tuple[int, int]:
    return run.end - run.start, run.new_end - run.new_start


def _unless_empty(run: Run) -> list[Run]:
    return [run] if any(_size(run)) else []


def _blocks(tokens: Sequence[str], ends: frozenset[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for token in tokens:
        blocks[-1].append(token)
        if not ends.isdisjoint(token):
            blocks.append([])
    return [block for block in blocks if block]


def _joined(blocks: Sequence[Sequence[str]]) -> list[str]:
    return ["".join(block) for block in blocks]


def _starts(blocks: Sequence[Sequence[str]], first: int) -> list[int]:
    """At which token each block begins, and the last one ends."""
    return list(accumulate(map(len, blocks), initial=first))


def _shared(
    old: Sequence[str], new: Sequence[str], start: int = 0, new_start: int = 0
) -> Iterator[Run]:
    """Runs with as many shared tokens as there can be."""
    for code in Indel.opcodes(*numbered(old, new)):
        yield Run(
            *(code.src_start + start, code.src_end + start),
            *(code.dest_start + new_start, code.dest_end + new_start),
            equal=code.tag == "equal",
        )
