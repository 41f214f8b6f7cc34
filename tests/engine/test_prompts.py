"""Prompts are versioned: a released one never changes."""

from __future__ import annotations

import pytest

from revision_engine import prompts
from revision_engine.types import PairText

# A coach is trained on one exact prompt. Never change a line: add a version.
RELEASED = {
    "coachlm-1": "89e5d523d394ab33e1995686a38200f8900e5fd4fc641cc23174aa6103bf3b00",
    "coachlm-2": "c20444a3db388f2fd74e4fa946880eed7695026769726424327774e87ad6a65c",
}


def test_a_released_prompt_never_changes():
    assert {v: prompts.digest(v) for v in prompts.PROMPTS} == RELEASED


def test_the_pair_stands_a_field_a_line_below_the_wording():
    pair = PairText(instruction=" Sort. ", input="3, 1", response="1, 3\n")

    turn = prompts.by_version("coachlm-1").render(pair, "Improve it.")

    assert turn == "Improve it.\n\nInstruction: Sort.\nInput: 3, 1\nResponse: 1, 3"


NONE = ["", "  ", "<noinput>", "`<noinput>`", '"<noinput>"', "No input.", "<No Input>."]
SOME = ["None", "N/A", "null", "Na", '""', "<>", "()", ".", "nan", "no inputs"]


@pytest.mark.parametrize("version", prompts.PROMPTS)
@pytest.mark.parametrize("text", NONE)
def test_an_input_that_says_there_is_none_is_left_out(version, text):
    target = prompts.by_version(version).target(
        PairText(instruction="I", input=text, response="R")
    )

    assert target == "Instruction: I\nResponse: R"


@pytest.mark.parametrize("text", SOME)
def test_any_other_input_is_shown(text):
    pair = PairText(instruction="I", input=text, response="R")

    assert not prompts.is_placeholder(text)
    assert f"\nInput: {text}\n" in prompts.by_version("coachlm-2").target(pair)


def test_the_second_prompt_shows_ordinary_pairs_as_the_first_does():
    pair = PairText(instruction="Sort: 3, 1.", input="Input: 3, 1", response="1, 3")
    first, second = map(prompts.by_version, ("coachlm-1", "coachlm-2"))

    assert first.render(pair, "Improve it.") == second.render(pair, "Improve it.")


def test_white_space_around_a_field_is_shown():
    pair = PairText(instruction="Go on.", input="a:\n", response="  - b\n  - c\n")

    text = prompts.by_version("coachlm-2").target(pair)

    assert text == "Instruction: Go on.\nInput: a:\n\nResponse:   - b\n  - c\n"


@pytest.mark.parametrize(
    "line",
    [
        "Input: x",
        "  Response : x",
        "**Input:** x",
        "### Instruction",
        "Revised Input: x",
    ],
)
def test_a_line_like_a_label_gives_the_labels_a_number_that_the_pair_lacks(line):
    pair = PairText(instruction="See [1].", response=f"Like this:\n{line}")

    text = prompts.by_version("coachlm-2").target(pair)

    expected = f"Instruction [2]: See [1].\nResponse [2]: Like this:\n{line}"
    assert text == expected


def test_a_revision_has_the_labels_that_its_raw_pair_was_shown_with():
    raw = PairText(instruction="I", response="A\nInput: b")
    plain = PairText(instruction="I", response="R")
    prompt = prompts.by_version("coachlm-2")

    assert prompt.target(plain, raw) == "Instruction [1]: I\nResponse [1]: R"
    assert prompt.target(raw, plain) == "Instruction: I\nResponse: A\nInput: b"


def test_an_unknown_version_names_the_released_ones():
    with pytest.raises(KeyError, match="coachlm-1"):
        prompts.by_version("coachlm-0")
