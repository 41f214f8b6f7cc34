"""What crosses the queue comes back the same."""

from __future__ import annotations

import json

import pytest

from revision_engine.types import CoachRef, DraftRequest, DraftResult, PairText

TEXT = PairText(instruction="河", input="\u0000", response="R\n")


@pytest.mark.parametrize(
    "value",
    [
        CoachRef(name="c", base_model="b", prompt="p", wording="w"),
        DraftRequest(key="7", text=TEXT, language="zh-Hans"),
        DraftResult(key="7", text=TEXT, problem="loop", new_tokens=3, seconds=0.5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_survives_its_way_through_json(value):
    sent = json.loads(json.dumps(value.as_dict()))

    assert type(value).from_dict(sent) == value


def test_a_request_of_an_older_app_names_no_language():
    sent = DraftRequest(key="7", text=TEXT).as_dict()
    del sent["language"]

    assert DraftRequest.from_dict(sent).language == "en"
