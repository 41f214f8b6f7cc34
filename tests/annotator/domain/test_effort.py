"""How much of a draft was left is a share, field by field."""

from __future__ import annotations

from annotator.domain.effort import (
    Decision,
    changed_fields,
    decide,
    revision_similarity,
    word_similarity,
)
from revision_engine.types import PairText

RAW = PairText(instruction="Name a river.", response="Nile")


def test_similarity_never_falls_below_zero():
    before = PairText(instruction="one two three four", response="")
    after = PairText(instruction="", response="five six seven eight")

    assert word_similarity(before, after) == 0


def test_the_decision_follows_from_the_texts():
    draft = PairText(instruction="Name a river.", response="The Nile is a long river.")
    other = PairText(
        instruction="Which is it?", response="Perhaps you mean Danube, then!"
    )
    light = PairText(
        instruction="Name a river.", response="The Nile is one long river."
    )

    decisions = [decide(RAW, draft, final) for final in (draft, RAW, light, other)]

    assert decisions == [
        Decision.ACCEPTED,
        Decision.KEPT_RAW,
        Decision.EDITED,
        Decision.REWRITTEN,
    ]
    assert decide(RAW, None, RAW) == Decision.UNCHANGED
    assert decide(RAW, None, draft) == Decision.WITHOUT_DRAFT


def test_two_revisions_are_compared_in_what_either_changed():
    raw = PairText(instruction="a b c d", input="e f", response="g")
    one = PairText(instruction="a b c d", input="e f", response="h i")
    other = PairText(instruction="a b c d", input="e x", response="h j")

    # Input: 1 of 2 words alike; response: 1 of 2. The instruction counts for neither.
    assert changed_fields(raw, one, other) == ["input", "response"]
    assert revision_similarity(raw, one, other) == 0.5
    assert revision_similarity(raw, one, one) == 1
    assert revision_similarity(raw, raw, raw) == 1


def test_what_one_person_changed_and_the_other_left_counts():
    raw = PairText(instruction="a b c d", response="g")
    one = PairText(instruction="a b c x", response="g")

    assert changed_fields(raw, one, raw) == ["instruction"]
    assert revision_similarity(raw, one, raw) == 0.75


def test_white_space_alone_is_no_change_of_a_field():
    raw = PairText(instruction="a b", response="g")
    spaced = PairText(instruction=" a b\n", response="h")

    assert changed_fields(raw, spaced, spaced) == ["response"]
