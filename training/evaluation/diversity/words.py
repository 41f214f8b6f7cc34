"""A text as lower-case words, and words as numbers: what n-grams are made of.

Each sign of a script without spaces between words (Chinese, Japanese, Thai, Lao,
Burmese, Khmer) is a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

_UNSPACED = (
    r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+")


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def cut_alike(one: str, other: str) -> tuple[str, str]:
    """The begins of two texts, each with as many words as the shorter one has."""
    size = min(len(words(one)), len(words(other)))
    return first_words(one, size), first_words(other, size)


def first_words(text: str, size: int) -> str:
    """The text up to the end of so many words; all of it where it has no more."""
    found = _WORD.finditer(text)
    last = next(islice(found, size - 1, None), None) if size else None
    if last is None:
        return text if size else ""
    return text[: last.end()] if next(found, None) else text


class Vocabulary:
    """A number for each word, in the order in which they were met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def encode(self, texts: Iterable[str]) -> list[Codes]:
        """Each text as the numbers of its words."""
        known = self._numbers
        return [
            np.array(
                [known.setdefault(word, len(known)) for word in words(text)],
                dtype=np.int64,
            )
            for text in texts
        ]


def ngrams(text: Codes, order: int) -> Codes:
    """The n-grams of one text as rows of `order` numbers; none if it is shorter."""
    size = len(text) - order + 1
    if size < 1:
        return np.zeros((0, order), dtype=np.int64)
    return np.stack([text[place : place + size] for place in range(order)], axis=1)


def joined(texts: Sequence[Codes], order: int) -> tuple[Codes, Codes]:
    """All n-grams, each as one number that stands for it alone; and, of each text, how
    many are its own."""
    each = [ngrams(text, order) for text in texts]
    sizes = np.array([len(rows) for rows in each], dtype=np.int64)
    rows = np.concatenate(each) if each else np.zeros((0, order), dtype=np.int64)
    numbers = np.zeros(len(rows), dtype=np.int64)
    for place in range(order):
        # Renumbered each time, so that no product is too large for 64 bits.
        wide = numbers * (int(rows[:, place].max(initial=0)) + 1) + rows[:, place]
        numbers = np.unique(wide, return_inverse=True)[1].reshape(-1)
    return numbers, sizes
