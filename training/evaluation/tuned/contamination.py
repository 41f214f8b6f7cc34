"""Which test instructions a model may have seen in what it was tuned on.

By word n-grams, as GPT-3's authors did (arXiv 2005.14165, appendix C), here with n = 8
since instructions are short: a shorter one must stand in a training text whole. It
finds what was copied, not what was said in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from revision_engine.types import PairText
from training.evaluation.tuned.testsets import TestItem

WORDS = 8
FEWEST = 3
"""Shorter instructions stand in many texts by chance: they are not looked for."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


def overlapping(items: Sequence[TestItem], seen: Iterable[PairText]) -> set[str]:
    """Keys of the items that share WORDS words in a row with an instruction or input
    of what was learned, or stand in one whole."""
    wanted: dict[tuple[str, ...], set[str]] = {}
    for item in items:
        words = _words(f"{item.instruction} {item.input}")
        for gram in _grams(words, min(WORDS, len(words))):
            wanted.setdefault(gram, set()).add(item.key)
    lengths = {len(gram) for gram in wanted}
    found: set[str] = set()
    for pair in seen:
        words = _words(f"{pair.instruction} {pair.input}")
        for length in lengths:
            for gram in _grams(words, length):
                found |= wanted.get(gram, set())
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _grams(words: tuple[str, ...], length: int) -> set[tuple[str, ...]]:
    if length < FEWEST:
        return set()
    return {words[start : start + length] for start in range(len(words) - length + 1)}
