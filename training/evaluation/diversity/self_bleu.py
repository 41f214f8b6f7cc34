"""Self-BLEU: how much each text repeats of the others (arXiv 1802.01886).

Each text of a sample is scored by BLEU-4 against all others of it; the mean is from 0
to 100, and higher is less diverse. n-grams that nobody else has count as 0.1 (method 1
of Chen and Cherry 2014); a text of fewer than four words is scored by the orders that
it has.

The best count among the others is known from the two best counts of each n-gram, so a
sample costs as much as its words, not as its square.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from training.evaluation.diversity.words import words
from training.evaluation.paired import SEED, BeforeAfter, Places, Subsets

ORDER = 4
FLOOR = 0.1
SAMPLE = 200
"""Texts of a drawing, at most: the figure grows with their number, so it is told with
it."""
DRAWN = 20
"""Drawings: one alone would say what its texts happen to share."""

Gram = tuple[str, ...]


def compare(
    raw: Sequence[str],
    revised: Sequence[str],
    *,
    seed: int = SEED,
    most: int = SAMPLE,
) -> tuple[BeforeAfter, int] | None:
    """Self-BLEU of both versions of the same drawn texts, and how many a drawing has.

    Texts without a word are passed over with their other version. The interval is over
    drawings, each of at most half of the texts; None of fewer than four.
    """
    both = [(words(one), words(other)) for one, other in zip(raw, revised, strict=True)]
    usable = [each for each in both if all(each)]
    size = min(most, len(usable) // 2)
    if size < 2:
        return None

    def mean(side: int) -> Callable[[Places], float]:
        return lambda drawn: float(np.mean(scores([usable[n][side] for n in drawn])))

    drawing = Subsets(pairs=len(usable), size=size, seed=seed, count=DRAWN)
    return drawing.values(mean(0), mean(1)), size


def scores(texts: Sequence[Sequence[str]]) -> list[float]:
    """BLEU of each text, 0 to 100, against all others; there are at least two, and none
    is empty."""
    counts = [[Counter(_grams(text, n)) for n in range(1, ORDER + 1)] for text in texts]
    best = [_best(each[order] for each in counts) for order in range(ORDER)]
    lengths = sorted(map(len, texts))
    return [
        _score(place, counts[place], best, _closest(lengths, len(text)))
        for place, text in enumerate(texts)
    ]


def _grams(text: Sequence[str], order: int) -> Iterator[Gram]:
    return zip(*(text[start:] for start in range(order)), strict=False)


def _best(found: Iterator[Counter[Gram]]) -> dict[Gram, tuple[int, int, int]]:
    """Of each n-gram its highest count, whose that is, and the next highest."""
    best: dict[Gram, tuple[int, int, int]] = {}
    for place, counts in enumerate(found):
        for gram, count in counts.items():
            high, owner, second = best.get(gram, (0, -1, 0))
            if count > high:
                best[gram] = (count, place, high)
            elif count > second:
                best[gram] = (high, owner, count)
    return best


def _score(
    place: int,
    counts: Sequence[Counter[Gram]],
    best: Sequence[dict[Gram, tuple[int, int, int]]],
    reference: int,
) -> float:
    logs = []
    for mine, known in zip(counts, best, strict=True):
        if not mine:
            break
        shared = sum(
            min(count, _elsewhere(known[gram], place)) for gram, count in mine.items()
        )
        logs.append(math.log((shared or FLOOR) / mine.total()))
    brevity = min(0.0, 1 - reference / counts[0].total())
    return 100 * math.exp(sum(logs) / len(logs) + brevity)


def _elsewhere(known: tuple[int, int, int], place: int) -> int:
    high, owner, second = known
    return second if owner == place else high


def _closest(lengths: Sequence[int], mine: int) -> int:
    """The length nearest to one's own among the others'; of two, the shorter."""
    others = list(lengths)
    others.remove(mine)
    return min(others, key=lambda length: (abs(length - mine), length))
