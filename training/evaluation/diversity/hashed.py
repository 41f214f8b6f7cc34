"""An embedding that needs no model: character n-grams, hashed into a few numbers.

It says how alike texts are written, not what they mean: two sentences that say the same
in other words lie far apart. Each n-gram of 3 to 5 characters of the text in lower case
adds 1 or -1 to one of DIMENSIONS places (feature hashing, arXiv 0902.2206); places keep
the square root of their size, so that "the" does not drown the rest; vectors have
length 1, that of an empty text 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from revision_engine.saying import gettext_noop

Vectors = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Vectors]
"""One row a text."""

NAME = gettext_noop("hashed character n-grams (3 to 5), 512 numbers, version 1")
DIMENSIONS = 512
ORDERS = (3, 4, 5)
MOST_CHARS = 4_000
"""Of a text that are read: the rest would add little but time."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def embed(texts: Sequence[str]) -> Vectors:
    """One row of DIMENSIONS numbers a text."""
    found = np.zeros((len(texts), DIMENSIONS))
    for place, text in enumerate(texts):
        found[place] = _counts(text)
    found = np.sign(found) * np.sqrt(np.abs(found))
    return normalised(found)


def normalised(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Vectors = vectors / np.where(lengths > 0, lengths, 1)
    return made


def _counts(text: str) -> Vectors:
    flat = f" {' '.join(text[:MOST_CHARS].lower().split())} "
    signs = np.frombuffer(flat.encode("utf-32-le", "replace"), dtype=np.uint32)
    counts = np.zeros(DIMENSIONS)
    for order in ORDERS:
        hashes = _hashes(signs.astype(np.uint64), order)
        places = (hashes % np.uint64(DIMENSIONS)).astype(np.int64)
        weights = np.where(hashes >> np.uint64(63), 1.0, -1.0)
        counts += np.bincount(places, weights=weights, minlength=DIMENSIONS)
    return counts


def _hashes(signs: NDArray[np.uint64], order: int) -> NDArray[np.uint64]:
    size = len(signs) - order + 1
    if size < 1:
        return np.zeros(0, dtype=np.uint64)
    found = np.full(size, order, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place in range(order):
            found = (found ^ signs[place : place + size]) * _FACTOR
            found ^= found >> np.uint64(29)
        found *= _MIX
        found ^= found >> np.uint64(32)
    return found
