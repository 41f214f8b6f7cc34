"""Parts of a run's examples, for coaches that draft what they have not learned.

Pairs that ask the same, or read nearly the same, are of one family, and a family is of
one part: else a coach would be asked for a text that it has learned but for a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rensa import RMinHash

from revision_engine.saying import gettext
from revision_engine.types import PairText
from training.examples import RevisionExample, as_asked

FEWEST = 50
"""Examples of a part: its coach's drafts of fewer would say nothing."""
NOWHERE = -1
ALIKE = 0.6
"""Share of shingles (Jaccard) from which on two texts are of one family."""
WORDS = 3
ROWS, BANDS = 3, 21
"""Of a MinHash signature: texts alike to 0.6 share a band with a chance of 0.994, to
0.2 of 0.15."""
SEED = 17
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


def too_small(drafted: int, parts: int, smallest: int | None = None) -> str:
    """Why so many examples cannot be dealt to so many parts; empty: they can.

    `drafted` of them may be drafted at all; `smallest` is the smallest part's size,
    where it is known.
    """
    least = drafted // parts if parts and smallest is None else smallest
    if not parts or (least or 0) >= FEWEST:
        return ""
    return gettext(
        "folds: %(count)s accepted reviews may be drafted, too few for %(folds)s "
        "folds: each needs %(fewest)s, and what is alike stays together. Ask for fewer "
        "folds, or for none (0)."
    ) % {"folds": parts, "count": drafted, "fewest": FEWEST}


def deal(
    examples: Sequence[RevisionExample],
    parts: int,
    apart_from: Sequence[PairText] = (),
) -> list[int]:
    """The part, from 0 on, of each example; NOWHERE: of none.

    Families are dealt the largest first, each to the smallest part; the same examples
    in any order get the same parts. One that has a pair of `apart_from`, which is
    measured on, is of no part.
    """
    families = families_of([*(e.raw for e in examples), *apart_from])
    measured = set(families[len(examples) :])
    members: dict[int, list[int]] = {}
    for place, family in enumerate(families[: len(examples)]):
        if family not in measured:
            members.setdefault(family, []).append(place)
    marks = {
        family: min(examples[place].fingerprint for place in places)
        for family, places in members.items()
    }
    sizes, dealt = [0] * parts, [NOWHERE] * len(examples)
    for family in sorted(members, key=lambda one: (-len(members[one]), marks[one])):
        part = sizes.index(min(sizes))
        sizes[part] += len(members[family])
        for place in members[family]:
            dealt[place] = part
    return dealt


def families_of(texts: Sequence[PairText]) -> list[int]:
    """A number for each pair, the same for those that are alike, or that are joined
    by others that are."""
    root = list(range(len(texts)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for one, other in _alike(texts):
        first, second = sorted((find(one), find(other)))
        root[second] = first
    return [find(place) for place in range(len(texts))]


def _alike(texts: Sequence[PairText]) -> Iterator[tuple[int, int]]:
    yield from _same([as_asked(text) for text in texts])
    yield from _near([_shingles(_question(text)) for text in texts])
    yield from _near([_shingles(_whole(text)) for text in texts])


def _same(keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    first: dict[tuple[str, ...], int] = {}
    for place, key in enumerate(keys):
        yield first.setdefault(key, place), place


def _near(found: Sequence[set[str]]) -> Iterator[tuple[int, int]]:
    """Each with those before it that share a band and are alike word for word."""
    kept: dict[tuple[int, ...], list[int]] = {}
    for place, bands in enumerate(_bands(found)):
        for other in {one for band in bands for one in kept.get(band, ())}:
            if _likeness(found[other], found[place]) >= ALIKE:
                yield other, place
        for band in bands:
            kept.setdefault(band, []).append(place)


def _bands(found: Sequence[set[str]]) -> list[list[tuple[int, ...]]]:
    signatures = RMinHash.digests_from_token_sets(
        [sorted(each) for each in found], ROWS * BANDS, SEED
    )
    return [
        [
            (band, *signature[band * ROWS : (band + 1) * ROWS])
            for band in range(BANDS if tokens else 0)
        ]
        for tokens, signature in zip(found, signatures, strict=True)
    ]


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _question(text: PairText) -> str:
    return f"{text.instruction}\n{text.input}"


def _whole(text: PairText) -> str:
    return f"{text.instruction}\n{text.input}\n{text.response}"


def _shingles(text: str) -> set[str]:
    """Words in threes; of fewer words all together."""
    words = _WORD.findall(text.casefold())
    if len(words) < WORDS:
        return {" ".join(words)} if words else set()
    return {" ".join(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)}
