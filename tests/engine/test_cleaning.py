"""What only the coach brought is cleaned away; what the raw pair has itself stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine.cleaning import clean, dressed, tidy


def test_control_characters_and_special_tokens_are_stripped():
    assert clean("A\u0000 good\u200b answer\ufffd.\ud800<|im_end|></s>\n") == (
        "A good answer."
    )


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "\U0001f469\u200d\U0001f467",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_what_words_and_emoji_are_spelt_with_stays(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    "sign",
    [
        *("\u200b", "\u200f", "\u2066", "\u2069", "\u00ad", "\u2028", "\x85"),
        *("\ufffd", "\x07", "\ufeff", "\U000e0041"),
    ],
)
def test_a_sign_that_the_raw_pair_has_stays(sign):
    assert (
        clean(f"Two{sign}words", raw="Three", pair=f"See {sign}") == f"Two{sign}words"
    )
    assert sign not in clean(f"Two{sign}words", raw="Three", pair="See")


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\r\n", "\r"])
def test_the_coachs_own_separators_of_lines_become_line_breaks(sign):
    assert tidy(f"first{sign}second") == "first\nsecond"


@pytest.mark.parametrize(
    ("written", "raw", "pair", "kept"),
    [
        ("It is </s>", "It is </s>", "It is </s>", "It is </s>"),
        ("It's </s></s>", "It is </s>", "It is </s>", "It's </s>"),
        ("The tag </s>", "A tag.", "What is </s>?", "The tag </s>"),
        ("<|im_end|>", "<|im_end|>", "<|im_end|>", "<|im_end|>"),
        ("It is so.</s>", "It is </s> here.", "It is </s> here.", "It is so.</s>"),
        ("It is so.</s><pad>", "It is so.", "It is so.", "It is so."),
    ],
)
def test_a_token_at_the_end_stays_if_the_raw_pair_has_it(written, raw, pair, kept):
    assert clean(written, raw, pair) == kept


LINE = "I will do my homework."


@pytest.mark.parametrize(
    ("raw", "written", "kept"),
    [
        ([LINE] * 5, [LINE] * 5, 5),
        ([LINE] * 5, ["I shall do my homework."] * 5, 5),
        ([LINE] * 5, [LINE] * 7, 7),
        ([LINE] * 5, [LINE] * 40, 5),
        ([*[LINE] * 5, "That is all."], [LINE] * 5, 5),
        ([LINE], [LINE] * 5, 1),
    ],
)
def test_repetition_is_cut_to_what_the_raw_field_has_of_it(raw, written, kept):
    text = clean("\n".join(written), "\n".join(raw))

    assert text.split("\n") == written[:kept]


def test_numbered_lines_that_say_the_same_stay_if_the_raw_ones_do():
    raw = "\n".join(f"{n}. This statement is true." for n in range(1, 5))
    written = raw.replace("3. This statement is true", "3. This claim is true")

    assert clean(raw, raw) == raw
    assert clean(written, raw) == written
    assert clean(raw) == "1. This statement is true."


def test_a_loop_that_the_model_did_not_end_keeps_what_the_raw_field_has():
    raw = "echo echo echo echo echo echo echo echo echo echo echo echo"

    assert clean(f"{raw} {raw}", raw, finished=True) == f"{raw} {raw}"
    assert clean(f"{raw} {raw}", raw, finished=False) == raw


@pytest.mark.parametrize(
    ("written", "raw", "whole"),
    [
        (
            " total = 1\n    return total",
            "    total = 2\n    return total",
            "    total =",
        ),
        ("     a: 1\n    b: 2", "  a: 1\n  b: 3", "    a: 1"),
        ("     a: 1\n    b: 2", "a: 1\n    b: 2", "a: 1"),
        ("     a: 1\n    b: 2", "a: 3\n    b: 2", "    a: 1"),
        (" \ttabs\n\tstay", "a\n\tb", "\ttabs"),
        ("     One line.", "Line.", "One line."),
        (" \u3000段落。", "\u3000段", "\u3000段落。"),
    ],
)
def test_the_first_line_keeps_its_indentation(written, raw, whole):
    assert dressed(written.strip(), written, raw).startswith(whole)


def test_white_space_behind_the_raw_text_stays():
    assert dressed("a: 2", " a: 2", "a: 1\n\n") == "a: 2\n\n"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.text("ab. \n", max_size=300))
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@settings(max_examples=150, deadline=None)
@given(*[st.text("ab1. \n\u200b", max_size=120)] * 2, st.booleans())
def test_cleaning_twice_changes_nothing_more_beside_a_raw_text(text, raw, finished):
    once = clean(text, raw, raw, finished=finished)

    assert clean(once, raw, raw, finished=finished) == once
