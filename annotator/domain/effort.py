"""How much work a revision was: distances and what the person decided."""

from __future__ import annotations

from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from annotator.domain import tokens
from annotator.domain.line_ends import as_newlines
from revision_engine.types import PairText
from training.examples import FIELDS

REWRITTEN_BELOW = 0.5
"""Word similarity to the draft under which an edit is a rewrite."""


class Decision(StrEnum):
    """What became of the draft, read off the texts: never a button's word for it."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    REWRITTEN = "rewritten"
    KEPT_RAW = "kept_raw"
    WITHOUT_DRAFT = "without_draft"
    UNCHANGED = "unchanged"


def decide(raw: PairText, draft: PairText | None, final: PairText) -> Decision:
    """Compare the final text with the draft and the raw pair.

    Line ends and outer white space do not count. Without a draft the answer is
    `without_draft`, or `unchanged` if the raw pair was left as it is.
    """
    raw_text, final_text = _plain(raw), _plain(final)
    if draft is None:
        same = final_text == raw_text
        return Decision.UNCHANGED if same else Decision.WITHOUT_DRAFT
    draft_text = _plain(draft)
    if final_text == draft_text:
        return Decision.ACCEPTED
    if final_text == raw_text:
        return Decision.KEPT_RAW
    similarity = word_similarity(draft, final)
    return Decision.REWRITTEN if similarity < REWRITTEN_BELOW else Decision.EDITED


def _plain(pair: PairText) -> tuple[str, ...]:
    return tuple(as_newlines(getattr(pair, name)).strip() for name in FIELDS)


def same_text(one: PairText, other: PairText) -> bool:
    """Whether two texts differ in nothing but line ends and outer white space."""
    return _plain(one) == _plain(other)


def by_field(before: PairText, after: PairText) -> dict[str, int]:
    """Levenshtein distance in characters, field by field."""
    return {
        name: Levenshtein.distance(getattr(before, name), getattr(after, name))
        for name in FIELDS
    }


def word_distance(before: PairText, after: PairText) -> int:
    """Words inserted, deleted or replaced, added up over the three fields."""
    return sum(
        Levenshtein.distance(_words(before, name), _words(after, name))
        for name in FIELDS
    )


def word_similarity(before: PairText, after: PairText) -> float:
    """1 for the same words, 0 for none in common, field by field."""
    longer = sum(
        max(len(_words(before, name)), len(_words(after, name))) for name in FIELDS
    )
    return 1 - word_distance(before, after) / longer if longer else 1.0


def changed_fields(raw: PairText, *texts: PairText) -> list[str]:
    """The fields that at least one of the texts does not have from the raw pair."""
    return [
        name
        for name in FIELDS
        if any(_words(raw, name) != _words(text, name) for text in texts)
    ]


def revision_similarity(raw: PairText, one: PairText, other: PairText) -> float:
    """Word similarity of two revisions of a pair, over what either of them changed.

    A field that both left as it was says nothing about how alike their work is. 1 if
    neither changed a word.
    """
    counted = changed_fields(raw, one, other)
    only = [_only(text, counted) for text in (one, other)]
    return word_similarity(*only)


def _only(text: PairText, names: list[str]) -> PairText:
    kept = {name: getattr(text, name) if name in names else "" for name in FIELDS}
    return PairText(**kept)


def _words(pair: PairText, name: str) -> list[str]:
    found = tokens.words(getattr(pair, name))
    return [word for word in found if not word.isspace()]


def word_count(pair: PairText) -> int:
    """Words that somebody reads in the three fields (see `tokens.word_count`)."""
    return sum(tokens.word_count(getattr(pair, name)) for name in FIELDS)


def _length(pair: PairText) -> int:
    return sum(len(_words(pair, name)) for name in FIELDS)
