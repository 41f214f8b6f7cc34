"""Prompts are versioned: a released one never changes."""

from __future__ import annotations

import pytest

from revision_engine import prompts
from revision_engine.types import PairText

# A coach is trained on one exact prompt. Never change a line: add a version.
RELEASED = {
    "coachlm-1": "89e5d523d394ab33e1995686a38200f8900e5fd4fc641cc23174aa6103bf3b00",
}


def test_a_released_prompt_never_changes():
    assert {v: prompts.digest(v) for v in prompts.PROMPTS} == RELEASED


def test_the_pair_stands_a_field_a_line_below_the_wording():
    pair = PairText(instruction=" Sort. ", input="3, 1", response="1, 3\n")

    turn = prompts.by_version("coachlm-1").render(pair, "Improve it.")

    assert turn == "Improve it.\n\nInstruction: Sort.\nInput: 3, 1\nResponse: 1, 3"


@pytest.mark.parametrize(
    "text", ["", "  ", "<noinput>", "`<noinput>`", '"<noinput>"', "No input.", "N/A"]
)
def test_an_input_that_says_there_is_none_is_left_out(text):
    target = prompts.by_version("coachlm-1").target(
        PairText(instruction="I", input=text, response="R")
    )

    assert target == "Instruction: I\nResponse: R"


def test_a_quoted_input_keeps_its_quotes():
    assert prompts.meaningful_input(' "I\'m bored" ') == '"I\'m bored"'


def test_an_unknown_version_names_the_released_ones():
    with pytest.raises(KeyError, match="coachlm-1"):
        prompts.by_version("coachlm-0")
