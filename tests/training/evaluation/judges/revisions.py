"""Revisions by experts who like paragraphs, and mostly write more."""

from random import Random

from revision_engine.types import PairText
from training.examples import RevisionExample, edit_distance

WORDS = ["tree", "river", "stone", "cloud", "garden", "window", "letter", "street"]


def revisions(count: int) -> list[RevisionExample]:
    """A fifth stays of like length, half of these a word shorter."""
    return [_revision(number, Random(number)) for number in range(count)]


def _revision(number: int, chance: Random) -> RevisionExample:
    words = chance.choices(WORDS, k=12)
    more = [] if number % 5 == 0 else chance.choices(WORDS, k=8)
    asked = f"Write about {words[0]}, {words[1]} and {words[2]}, {number} times."
    raw = PairText(instruction=asked, response=_text(words))
    less = -1 if number % 10 == 0 else None
    halves = [_text(words[:6]), _text([*words[6:less], *more])]
    revised = PairText(instruction=raw.instruction, response="\n\n".join(halves))
    return RevisionExample(
        source_id=str(number),
        raw=raw,
        revised=revised,
        distance=edit_distance(raw, revised),
    )


def _text(words: list[str]) -> str:
    return f"{' '.join(words).capitalize()}."
