"""Pairs that are the same, or nearly: found among all by few numbers a pair.

Each pair becomes a 64-bit key of what it says without case, blanks and punctuation, and
some bands of a MinHash signature (Broder 1997): pairs that share a band are looked at
again, word for word. All a pair costs meanwhile is `BYTES` of memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import regex
from rensa import RMinHash

from annotator.domain.saying import gettext
from annotator.formats.rules.outcomes import NOTHING, Outcome, UnusableSetting
from revision_engine.types import PairText

PERMUTATIONS = 64
BANDS = 16
ROWS = PERMUTATIONS // BANDS
"""Numbers a band: pairs alike to 0.8 share one with a chance of 0.9998, to 0.3 of
0.12."""
BYTES = 16 + 4 * BANDS
MOST_PAIRS = 2_000_000
"""Of one project, to be compared: 160 MB."""
MOST_CANDIDATES = 4_000_000
"""Couples to be looked at again; 64 MB."""
READ_CHARS = 20_000
SEED = 17
_WORDLESS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
)
WORDS, SIGNS = 3, 4
"""In a shingle: of text with spaces, and of text without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSame:
    """Proposes to set aside what says the same as another pair, but for case, blanks
    and punctuation."""

    key: ClassVar[str] = "same"
    with_response: bool = True
    """Off: one question with two answers counts as the same."""

    def check(self, pair: PairText) -> Outcome:
        return NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAlike:
    """Proposes to set aside what is nearly the same as another pair."""

    key: ClassVar[str] = "alike"
    least_alike: float = 0.8
    """Share of shingles (three words, or four signs) that two pairs have in common."""
    with_response: bool = True

    def __post_init__(self) -> None:
        if not 0.5 <= self.least_alike <= 1.0:
            raise UnusableSetting(
                gettext(
                    "least_alike must be between 0.5 and 1: fewer common shingles are "
                    "not found surely."
                )
            )

    def check(self, pair: PairText) -> Outcome:
        return NOTHING


COMPARING = (FindSame.key, FindAlike.key)
"""Rules that look at a pair beside all others: they come last."""


def said(pair: PairText, *, with_response: bool) -> list[str]:
    """The words of a pair, without case, blanks and punctuation."""
    parts = [pair.instruction, pair.input]
    if with_response:
        parts.append(pair.response)
    text = "\n".join(part[:READ_CHARS] for part in parts).casefold()
    return [word for word in _WORDLESS.split(text) if word]


def key_of(words: Sequence[str]) -> int:
    """The same for the same words. A number of 64 bits, with a sign."""
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


def shingles(words: Sequence[str]) -> set[str]:
    """What two texts may have in common: words in threes, signs in fours.

    Of few words, those there are, together.
    """
    text = "".join(words)
    if len(_UNSPACED.findall(text)) * 2 > len(text):
        size, units = SIGNS, text
        made = {units[n : n + size] for n in range(len(units) - size + 1)}
    else:
        made = {" ".join(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)}
    return made or {" ".join(words)}


def alikeness(one: set[str], other: set[str]) -> float:
    """Jaccard's index: shared ones among all, from 0 to 1."""
    return len(one & other) / len(one | other)


def bands(found: Sequence[set[str]]) -> np.ndarray[Any, Any]:
    """For each set of shingles BANDS numbers of 32 bits."""
    rows = RMinHash.digests_from_token_sets(
        [list(each) for each in found], PERMUTATIONS, SEED
    )
    signs = np.asarray(rows, dtype=np.uint64).reshape(len(found), BANDS, ROWS)
    mixed = np.zeros((len(found), BANDS), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for row in range(ROWS):
            mixed = (mixed ^ signs[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(32)).astype(np.uint32)


class Index:
    """The few numbers of each pair, in the order in which they were added."""

    def __init__(self, size: int) -> None:
        if size > MOST_PAIRS:
            raise UnusableSetting(
                gettext(
                    "There are %(size)s pairs to compare; at most %(most)s can be. "
                    "Switch the comparing rules off, or work in several projects."
                )
                % {"size": f"{size:,}", "most": f"{MOST_PAIRS:,}"}
            )
        self.count = 0
        self.ids = np.zeros(size, dtype=np.int64)
        self.keys = np.zeros(size, dtype=np.int64)
        self.bands = np.zeros((size, BANDS), dtype=np.uint32)

    def add(
        self,
        ids: Sequence[int],
        keys: Sequence[int] | None,
        found: Sequence[set[str]] | None,
    ) -> None:
        """Add pairs, rising by id; beyond the size nothing is added."""
        room = slice(self.count, min(self.count + len(ids), len(self.ids)))
        size = room.stop - room.start
        self.ids[room] = ids[:size]
        if keys is not None:
            self.keys[room] = keys[:size]
        if found:
            self.bands[room] = bands(found)[:size]
        self.count = room.stop

    def same(self) -> Iterator[tuple[int, int]]:
        """Couples with one key: the first id of each group, and one of the others."""
        return self._named(_couples(self.keys[: self.count], in_a_row=False))

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Couples of ids, smaller first, that share a band; each once, in order.

        In a group each is compared with its first and the one before it, so that a
        thousand alike cost two thousand comparisons, not half a million.
        """
        packed = np.zeros(0, dtype=np.uint64)
        for band in range(BANDS):
            found = _couples(self.bands[: self.count, band])
            packed = np.union1d(packed, found)[:MOST_CANDIDATES]
        return self._named(packed)

    def _named(self, packed: np.ndarray[Any, Any]) -> Iterator[tuple[int, int]]:
        for start in range(0, len(packed), 10_000):
            some = packed[start : start + 10_000]
            first = self.ids[(some >> np.uint64(32)).astype(np.int64)].tolist()
            other = self.ids[(some & np.uint64(0xFFFFFFFF)).astype(np.int64)].tolist()
            yield from zip(first, other, strict=True)


def _couples(
    numbers: np.ndarray[Any, Any], *, in_a_row: bool = True
) -> np.ndarray[Any, Any]:
    """Places with equal numbers, each with the first of its group (and the one before),
    two places packed into 64 bits.

    A stable order: the first place of a group is its smallest.
    """
    order = np.argsort(numbers, kind="stable").astype(np.uint64)
    if not len(order):
        return np.zeros(0, dtype=np.uint64)
    ordered = numbers[order.astype(np.int64)]
    is_new = np.r_[True, ordered[1:] != ordered[:-1]]
    begins = np.flatnonzero(is_new)
    firsts = order[begins[np.cumsum(is_new) - 1]]
    later = ~is_new
    packed: np.ndarray[Any, Any] = (firsts[later] << np.uint64(32)) | order[later]
    if in_a_row:
        before = np.r_[order[:1], order[:-1]]
        packed = np.r_[packed, (before[later] << np.uint64(32)) | order[later]]
    return packed
