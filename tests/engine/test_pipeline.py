"""A batch goes through the coach whole, and a bad pair in it fails alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from revision_engine.backends.base import Outage
from revision_engine.backends.fake import FakeBackend
from revision_engine.prompts import PUBLISHED_WORDING
from revision_engine.types import CoachRef, Completion, DraftRequest, PairText
from tests.batches import draft_batch

COACH = CoachRef(
    name="Eva", base_model="none", prompt="coachlm-1", wording=PUBLISHED_WORDING
)


def requests_for(*responses: str) -> list[DraftRequest]:
    return [
        DraftRequest(
            key=str(number),
            text=PairText(instruction="Say.", input="<noinput>", response=response),
        )
        for number, response in enumerate(responses)
    ]


def draft(*responses: str) -> list:
    return draft_batch(COACH, FakeBackend(COACH, Path()), requests_for(*responses))


def test_each_pair_gets_its_draft_in_order():
    first, second = draft("One.", "Two.")

    assert (first.key, second.key) == ("0", "1")
    assert first.text == PairText(
        instruction="Say.", input="<noinput>", response="One. Revised by Eva."
    )
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


class Gone(FakeBackend):
    """A server that was there for so many answers, and counts the requests."""

    def __init__(self, answers: int) -> None:
        super().__init__(COACH, Path())
        self.answers, self.asked = answers, 0

    def complete(self, prompts):
        self.asked += 1
        for answer in super().complete(prompts):
            if not self.answers:
                raise Outage("connection refused")
            self.answers -= 1
            yield answer


def test_an_outage_before_the_first_answer_is_not_asked_again_for_each_pair():
    gone = Gone(answers=0)

    with pytest.raises(Outage):
        draft_batch(COACH, gone, requests_for("One.", "Two.", "Three."))

    assert gone.asked == 1


def test_an_outage_later_on_keeps_the_answers():
    made = draft_batch(COACH, Gone(answers=1), requests_for("One.", "Two."))

    assert [result.problem for result in made] == ["", "failed"]


def test_the_times_of_a_batch_add_up_to_its_wall_time():
    began = time.monotonic()
    results = draft(*["One."] * 4)
    wall = time.monotonic() - began

    assert 0 < sum(result.seconds for result in results) <= wall


def test_no_pairs_are_no_work():
    assert draft() == []


class InChinese(FakeBackend):
    def _revise(self, turn):
        answer = "一加一等于二，这是最简单的算术题，每个孩子都会做。"
        text = f"Instruction: 1 + 1 = ?\nResponse: {answer}"
        return Completion(text=text, new_tokens=9)


@pytest.mark.parametrize(
    ("language", "problem"), [("zh-Hans", ""), ("en", "wrong_script")]
)
def test_a_pair_without_letters_is_drafted_in_its_projects_language(language, problem):
    pair = PairText(instruction="1 + 1 = ?", response="2")
    request = DraftRequest(key="7", text=pair, language=language)

    [result] = draft_batch(COACH, InChinese(COACH, Path()), [request])

    assert result.problem == problem
