"""A batch goes through the coach whole, and a bad pair in it fails alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from revision_engine.backends.fake import FakeBackend
from revision_engine.pipeline import draft_batch
from revision_engine.prompts import PUBLISHED_WORDING
from revision_engine.types import CoachRef, DraftRequest, PairText

COACH = CoachRef(
    name="Eva", base_model="none", prompt="coachlm-1", wording=PUBLISHED_WORDING
)


def draft(*responses: str) -> list:
    requests = [
        DraftRequest(
            pair_id=str(number),
            text=PairText(instruction="Say.", input="<noinput>", response=response),
        )
        for number, response in enumerate(responses)
    ]
    return draft_batch(COACH, FakeBackend(COACH, Path()), requests)


def test_each_pair_gets_its_draft_in_order():
    first, second = draft("One.", "Two.")

    assert (first.pair_id, second.pair_id) == ("0", "1")
    assert first.text == PairText(instruction="Say.", response="One. Revised by Eva.")
    assert second.problem == ""
    assert second.new_tokens > 0


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        ("UNPARSEABLE", "unparseable"),
        ("TOOLONG", "input_too_long"),
        ("BREAKS", "failed"),
    ],
)
def test_a_pair_without_a_draft_is_the_raw_pair_with_its_reason(response, problem):
    good, bad = draft("One.", response)

    assert good.problem == ""
    assert bad.problem == problem
    assert bad.text == PairText(
        instruction="Say.", input="<noinput>", response=response
    )


def test_a_backend_that_fails_on_every_pair_is_an_outage():
    with pytest.raises(RuntimeError):
        draft("BREAKS", "BREAKS too")


def test_the_times_of_a_batch_add_up_to_its_wall_time():
    began = time.monotonic()
    results = draft(*["One."] * 4)
    wall = time.monotonic() - began

    assert 0 < sum(result.seconds for result in results) <= wall


def test_no_pairs_are_no_work():
    assert draft() == []
