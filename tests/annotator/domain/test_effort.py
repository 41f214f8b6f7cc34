"""How much of a draft was left is a share, field by field."""

from __future__ import annotations

from annotator.domain.effort import Decision, decide, word_similarity
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
