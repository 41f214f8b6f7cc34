"""Fields are found in a coach's answer, whatever stands in the pair's own text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine.parsing import parse
from revision_engine.prompts import by_version, is_placeholder
from revision_engine.types import PairText

READABLE = {
    "a field a line": "Instruction: I\nInput: N\nResponse: R",
    "the published one-line format": "Instruction: I Input: N Response: R",
    "blank lines between": "Instruction: I\n\nInput: N\n\nResponse: R",
    "text below its label": "Instruction:\nI\nInput:\nN\nResponse:\nR",
    "bold labels": "**Instruction:** I\n**Input:** N\n**Response:** R",
    "bold labels, colon outside": "**Instruction**: I\n**Input**: N\n**Response**: R",
    "headings": "### Instruction\nI\n### Input\nN\n### Response\nR",
    "headings with a colon": "### Instruction:\nI\n### Input:\nN\n### Response:\nR",
    "revised labels": "Revised Instruction: I\nRevised Input: N\nRevised Response: R",
    "chat before it": "Sure, here it is:\n\nInstruction: I\nInput: N\nResponse: R",
    "chat before it, one line": "Sure! Instruction: I Input: N Response: R",
    "Windows line ends": "Instruction: I\r\nInput: N\r\nResponse: R\r\n",
    "spaces before labels": "  Instruction: I\n  Input: N\n  Response: R  ",
    "a second pair after it": "Instruction: I\nInput: N\nResponse: R\n\n"
    "Instruction: other\nResponse: other",
    "the response once more": "Instruction: I\nInput: N\nResponse: R\n\n"
    "Input: N\nResponse: R\n\nInput: N\nResponse: R",
}


def stripped(pair: PairText) -> PairText:
    return PairText(
        instruction=pair.instruction.strip(),
        input=pair.input.strip(),
        response=pair.response.strip(),
    )


@pytest.mark.parametrize("output", READABLE.values(), ids=READABLE.keys())
def test_a_pair_is_read_in_any_of_these_forms(output):
    found = parse(output)

    assert found
    assert stripped(found) == PairText(instruction="I", input="N", response="R")


WORDS = st.text(
    st.characters(categories=["L", "N"], include_characters=" .,\n"), max_size=80
).map(str.strip)
PAIRS = st.builds(PairText, instruction=WORDS, input=WORDS, response=WORDS)


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_a_revised_pair_is_read_back_field_by_field(pair):
    text = by_version("coachlm-2").target(pair)

    found = parse(text)
    assert found
    source = "" if is_placeholder(pair.input) else pair.input
    assert stripped(found) == replace(pair, input=source)
