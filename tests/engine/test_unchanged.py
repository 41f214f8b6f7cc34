"""A field never loses what the raw field had and the coach did not take out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from revision_engine.pipeline import draft_live
from revision_engine.postprocess import check
from revision_engine.prompts import PROMPTS, by_version
from revision_engine.types import CoachRef, DraftRequest
from tests.batches import draft_batch
from tests.echoes import EchoBackend
from tests.pair_texts import PAIRS

VERSIONS = pytest.mark.parametrize("version", PROMPTS)
WORD = re.compile(r"(?<![\w|</\[◁])[^\W\d_]{3,}(?![\w|])")
"""Not one in a token or a tag: those of the coach alone are cleaned away."""


@VERSIONS
@pytest.mark.chance
@settings(max_examples=400, deadline=None)
@given(raw=PAIRS)
def test_an_answer_that_is_what_was_shown_changes_nothing(version, raw):
    shown = by_version(version).target(raw, raw)

    assert check(raw, shown, prompt=version) == (raw, None)


@VERSIONS
@pytest.mark.chance
@settings(max_examples=300, deadline=None)
@given(raw=PAIRS, draw=st.data())
def test_one_word_that_was_changed_is_all_that_changes(version, raw, draw):
    name = draw.draw(st.sampled_from(["instruction", "input", "response"]))
    words = list(WORD.finditer(getattr(raw, name)))
    assume(words)
    assume(name != "input" or len(by_version(version).fields(raw)) == 3)
    word = draw.draw(st.sampled_from(words))
    text = getattr(raw, name)
    other = word[0][0] + word[0]  # of the same script
    changed = f"{text[: word.start()]}{other}{text[word.end() :]}"
    revised = replace(raw, **{name: changed})
    shown = by_version(version).target(revised, raw)

    assert check(raw, shown, prompt=version) == (revised, None)


@VERSIONS
@settings(max_examples=50, deadline=None)
@given(pairs=st.lists(PAIRS, min_size=1, max_size=5))
def test_a_batch_and_a_candidate_of_such_a_coach_change_nothing(version, pairs):
    coach = CoachRef(name="Echo", base_model="none", prompt=version, wording="Mend it.")
    backend = EchoBackend(coach, Path())
    requests = [
        DraftRequest(key=str(number), text=pair, hint="shorter")
        for number, pair in enumerate(pairs)
    ]

    made = draft_batch(coach, backend, requests)
    live = draft_live(coach, backend, requests[0], seed=1, tell=lambda _: None)

    assert [(result.text, result.problem) for result in made] == [
        (pair, "") for pair in pairs
    ]
    assert (live.text, live.problem) == (pairs[0], "")
