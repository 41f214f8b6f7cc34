"""Model output is untrusted: parsed, cleaned, or refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine.postprocess import Problem, check, clean, parse
from revision_engine.prompts import by_version
from revision_engine.types import PairText

RAW = PairText(instruction="Name a river.", input="<noinput>", response="The Nile.")
PLAIN = st.text(
    st.characters(categories=["L", "N"], include_characters=" .,"), min_size=1
)


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("", Problem.EMPTY),
        ("Sure, here you are!", Problem.UNPARSEABLE),
        ("Instruction: Name a river.", Problem.UNPARSEABLE),
        ("Instruction: Name a river.\nResponse:", Problem.EMPTY),
        ("Instruction: Name a river.\nResponse: " + "Это река. " * 9, None),
        (
            "Instruction: Name a river.\nResponse: " + "длинная река Волга течёт " * 2,
            None,
        ),
    ],
)
def test_a_bad_output_falls_back_to_the_raw_pair_with_its_reason(output, problem):
    text, found = check(RAW, output)

    if problem:
        assert found == problem
    assert text == RAW if found else text.response


def test_a_revised_pair_is_read_back_field_by_field():
    pair = PairText(instruction="Sort them.", input="3, 1, 2", response="1, 2, 3.")

    read = parse(by_version("coachlm-1").target(pair))

    assert read == pair


def test_an_input_that_says_there_is_none_becomes_empty():
    text, problem = check(RAW, "Instruction: Name a river.\nResponse: The Nile flows.")

    assert problem is None or not problem
    assert text.input == ""


def test_a_lost_input_line_keeps_the_raw_input():
    raw = PairText(instruction="Sort them.", input="3, 1, 2", response="1, 2, 3")

    text, _ = check(raw, "Instruction: Sort them.\nResponse: Sorted: 1, 2, 3.")

    assert text.input == "3, 1, 2"


def test_control_characters_and_special_tokens_are_stripped():
    assert clean("A\u0000 good\u200b answer.<|im_end|>") == "A good answer."


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_the_check_raise(output):
    text, problem = check(RAW, output)

    assert problem or text.instruction


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)
