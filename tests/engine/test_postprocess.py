"""Model output is untrusted: parsed, cleaned, or refused with a reason."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine.postprocess import (
    MAX_FIELD_CHARS,
    PROBLEMS,
    Problem,
    check,
    has_loop,
)
from revision_engine.prompts import PUBLISHED_WORDING, by_version
from revision_engine.types import PairText

RAW = PairText(instruction="Name a river.", input="<noinput>", response="The Nile.")
SORT = PairText(instruction="Sort them.", input="3, 1, 2", response="1, 2, 3")
GOOD = PairText(instruction="Name a river.", response="The Nile is a long river.")

ANSWER = "Instruction: Name a river.\nResponse: "
RUSSIAN = "Это длинная река на востоке Европы. Она течёт на юг."
SAME_AGAIN = " ".join(
    random.Random(1).choices(["It is long.", "It flows north.", "It is old."], k=80)
)
BAD = {
    "nothing": ("", Problem.EMPTY),
    "white space": (" \n\t ", Problem.EMPTY),
    "only an end token": ("<|im_end|>", Problem.EMPTY),
    "only zero-width signs": ("\u200b\ufeff", Problem.EMPTY),
    "chat": ("Sure, here you are!", Problem.UNPARSEABLE),
    "no response label": ("Instruction: Name a river.", Problem.UNPARSEABLE),
    "no instruction label": ("Response: The Nile.", Problem.UNPARSEABLE),
    "labels the wrong way": ("Response: R\nInstruction: I", Problem.UNPARSEABLE),
    "labels without colons": ("Instruction I\nResponse R", Problem.UNPARSEABLE),
    "JSON": ('{"instruction": "I", "response": "R"}', Problem.UNPARSEABLE),
    "a refusal": ("I'm sorry, but I cannot help with that.", Problem.UNPARSEABLE),
    "an empty response": (ANSWER, Problem.EMPTY),
    "a response of an end token": (f"{ANSWER}<|im_end|>", Problem.EMPTY),
    "a response of replacement signs": (f"{ANSWER}\ufffd\ufffd", Problem.EMPTY),
    "an empty instruction": ("Instruction:\nResponse: The Nile.", Problem.EMPTY),
    "a response too long": (
        ANSWER + " ".join(f"river{n}" for n in range(900)),
        Problem.TOO_LONG,
    ),
    "an instruction too long": (
        "Instruction: " + " ".join(f"river{n}" for n in range(900)) + "\nResponse: R",
        Problem.TOO_LONG,
    ),
    "the same in changing order": (ANSWER + SAME_AGAIN, Problem.LOOP),
    "Russian": (ANSWER + RUSSIAN, Problem.WRONG_SCRIPT),
    "Chinese": (ANSWER + "尼罗河是世界上最长的河流之一" * 2, Problem.WRONG_SCRIPT),
    "Russian at the end": (ANSWER + "The Nile. " + RUSSIAN, Problem.WRONG_SCRIPT),
    "the wording": (
        f"Instruction: {PUBLISHED_WORDING}\nResponse: The Nile.",
        Problem.PROMPT_ECHO,
    ),
    "the whole prompt": (
        f"{ANSWER}The Nile.\n{PUBLISHED_WORDING}",
        Problem.PROMPT_ECHO,
    ),
}


@pytest.mark.parametrize(("output", "problem"), BAD.values(), ids=BAD.keys())
def test_a_bad_output_falls_back_to_the_raw_pair_with_its_reason(output, problem):
    assert check(RAW, output) == (RAW, problem)


@pytest.mark.parametrize("output", [ANSWER, "Instruction: Name", "Instr"])
def test_what_broke_off_before_there_was_a_pair_is_no_draft(output):
    text, problem = check(RAW, output, finished=False)

    assert text == RAW
    assert problem in {Problem.CUT_OFF, Problem.EMPTY}


def test_a_response_that_broke_off_is_no_draft():
    output = ANSWER + "The Nile is a river that flows from"

    assert check(RAW, output, finished=False) == (RAW, Problem.CUT_OFF)
    assert check(RAW, output, finished=True)[1] is None


def test_a_loop_is_cut_to_what_it_says_once():
    told = "The Nile is long. It flows north through Egypt."
    output = ANSWER + told + " It flows north through Egypt." * 20 + " It flows"

    text, problem = check(RAW, output, finished=False)

    assert problem is None
    assert text.response == told


def test_a_loop_in_place_of_an_answer_is_no_draft():
    raw = replace(RAW, response="The Nile is a river, and a long one. " * 2 + "Yes.")

    assert check(raw, ANSWER + "A river. " * 60) == (raw, Problem.LOOP)


def test_a_raw_pair_that_repeats_itself_may_be_answered_in_kind():
    raw = replace(RAW, response=SAME_AGAIN)

    text, problem = check(raw, f"{ANSWER}{SAME_AGAIN} The end.")

    assert problem is None
    assert text.response.endswith("The end.")


def test_a_pair_in_another_script_stays_in_it():
    raw = PairText(instruction="说出一条河流的名字。", response="尼罗河。")
    chinese = "Instruction: 请说出一条世界河流。\nResponse: 尼罗河是很长的一条河流。"

    assert check(raw, chinese)[1] is None
    assert check(raw, ANSWER + "The Nile is a long river.")[1] == Problem.WRONG_SCRIPT


def test_a_translation_may_be_in_another_script():
    raw = PairText(
        instruction="Translate into Russian.", input="A river.", response="?"
    )

    output = f"Instruction: Translate into Russian.\nResponse: {RUSSIAN}"

    assert check(raw, output)[1] is None


def test_the_language_counts_when_the_raw_pair_has_no_letters():
    raw = PairText(instruction="2 + 2", response="4")
    output = f"Instruction: 2 + 2\nResponse: {RUSSIAN}"

    assert check(raw, output, language="ru")[1] is None
    assert check(raw, output)[1] == Problem.WRONG_SCRIPT


def test_a_few_foreign_letters_are_no_other_script():
    text, problem = check(RAW, ANSWER + "The Nile (النيل) flows north for 6,650 km.")

    assert problem is None
    assert "النيل" in text.response


def test_a_bold_first_word_keeps_its_marks():
    text, _ = check(RAW, ANSWER + "**The Nile** is long.")

    assert text.response == "**The Nile** is long."


@pytest.mark.parametrize("source", ["<noinput>", "N/A", "None", '""', "Na", " "])
def test_an_answer_without_an_input_takes_none_away(source):
    text, problem = check(replace(RAW, input=source), ANSWER + "The Nile flows.")

    assert (text.input, problem) == (source, None)


@pytest.mark.parametrize("line", ["", "Input:\n", "Input: <noinput>\n"])
def test_a_lost_input_line_keeps_the_raw_input(line):
    text, problem = check(
        SORT, f"Instruction: Sort them.\n{line}Response: Sorted: 1, 2, 3."
    )

    assert (text.input, problem) == ("3, 1, 2", None)


def test_what_follows_the_end_of_the_turn_is_left_out():
    output = ANSWER + "The Nile is long.<|im_end|>\n<|im_start|>user\nThanks!"

    text, problem = check(RAW, output)

    assert (text.response, problem) == ("The Nile is long.", None)


def test_a_pair_about_special_tokens_keeps_them():
    raw = PairText(instruction="What is <|im_end|> for?", response="It ends a turn.")
    output = (
        "Instruction: What is <|im_end|> for?\nResponse: <|im_end|> marks where a "
        "turn of a chat is over."
    )

    assert check(raw, output)[0].response.startswith("<|im_end|> marks")


def test_every_problem_has_a_sentence():
    assert set(PROBLEMS) == set(Problem)


def test_a_loop_is_seen_also_where_the_cut_mends_it():
    assert has_loop(ANSWER + "Long. " * 30, RAW)
    assert not has_loop(by_version("coachlm-1").target(GOOD), RAW)


def test_repetition_that_the_raw_pair_has_is_no_loop():
    lines = "\n".join(["I will do my homework."] * 5)

    assert not has_loop(ANSWER + lines, replace(RAW, response=lines))


WORDS = st.text(
    st.characters(categories=["L", "N"], include_characters=" .,\n"), max_size=80
).map(str.strip)
PAIRS = st.builds(PairText, instruction=WORDS, input=WORDS, response=WORDS)
LABELS = ("Instruction", "Input", "Response")


PIECES = st.sampled_from([f"{name}:" for name in LABELS] + ["\n", "**", "<|im_end|>"])
OUTPUTS = st.lists(st.text(max_size=60) | PIECES, max_size=20).map("".join)


@settings(max_examples=200, deadline=None)
@given(OUTPUTS, st.booleans(), PAIRS)
def test_any_output_gives_a_whole_draft_or_the_raw_pair(output, finished, raw):
    text, problem = check(raw, output, finished=finished)

    if problem:
        assert text == raw
    else:
        assert text.instruction
        assert text.response
        fields = (text.instruction, text.input, text.response)
        assert max(map(len, fields)) <= MAX_FIELD_CHARS
