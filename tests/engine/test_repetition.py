"""Loops at the end of a text are cut; what a person might write stays."""

from __future__ import annotations

import random

import pytest

from revision_engine.repetition import cut_loop, mostly_repeats

LOOPS = {
    "a sentence": (
        "A man. A dog runs by." + " A dog runs by." * 3,
        "A man. A dog runs by.",
    ),
    "a line": ("Tips:\n" + "- Eat well.\n" * 6, "Tips:\n- Eat well."),
    "numbered lines": (
        "\n".join(f"{n}. Eat more fruit." for n in range(1, 9)),
        "1. Eat more fruit.",
    ),
    "two lines in turn": (
        "- baking soda\n- baking powder\n" * 5,
        "- baking soda\n- baking powder",
    ),
    "a word": ("It is " + "very " * 40, "It is very"),
    "one sign": ("!" * 300, "!"),
    "no spaces": ("河流很长。" * 20, "河流很长。"),
    "a last copy that breaks off": (
        "One." + " Two and three." * 5 + " Two an",
        "One. Two and three.",
    ),
    "a last numbered line that breaks off": (
        "\n".join(f"{n}. Eat more fruit." for n in range(1, 9)) + "\n9. Eat mo",
        "1. Eat more fruit.",
    ),
}
FINE = [
    "Row, row, row your boat.",
    "No, no, no!",
    "A refrain comes twice.\nA refrain comes twice.",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "Title\n" + "-" * 80,
    "1. Apples\n2. Pears\n3. Plums",
    "2 x 1 = 2\n2 x 2 = 4\n2 x 3 = 6\n2 x 4 = 8",
    "",
]


@pytest.mark.parametrize(("text", "kept"), LOOPS.values(), ids=LOOPS.keys())
def test_a_loop_is_cut_to_its_first_copy(text, kept):
    assert cut_loop(text) == kept


@pytest.mark.parametrize("text", FINE)
def test_what_is_no_loop_stays_as_it_is(text):
    assert cut_loop(text) == text


def test_a_text_that_says_the_same_in_changing_order_is_known_by_its_words():
    tips = ["Drink a lot of water.", "Eat more fruit.", "Sleep for eight hours."]
    said = " ".join(random.Random(1).choices(tips, k=60))

    assert mostly_repeats(said)
    assert cut_loop(said) == said


def test_a_table_of_numbers_is_no_repetition():
    table = "\n".join(f"{n} times {m} is {n * m}." for n in range(9) for m in range(9))

    assert not mostly_repeats(table)
