from __future__ import annotations

from annotator.formats.rules.language import language_of
from annotator.formats.rules.repeats import Repeats, repeats
from revision_engine.types import PairText

STORY = "Write a short story about a lonely lighthouse keeper who finds a letter"


def pair(instruction, response="Here it is."):
    return PairText(instruction=instruction, response=response)


def test_a_repeat_is_counted_once_for_each_pair_that_would_go():
    pairs = [pair("Name a river."), pair("name a river"), pair("NAME A RIVER!")]

    assert repeats(pairs, with_response=True) == Repeats(same=2, alike=2)


def test_the_nearly_same_are_counted_beside_the_same():
    pairs = [
        pair(STORY),
        pair(f"{STORY} today"),
        pair("Explain how a bill becomes a law in three steps"),
    ]

    assert repeats(pairs, with_response=False) == Repeats(same=0, alike=1)


def test_another_response_makes_another_pair_but_not_another_instruction():
    pairs = [pair(STORY, "One."), pair(STORY, "A wholly different answer, and longer.")]

    assert repeats(pairs, with_response=True).same == 0
    assert repeats(pairs, with_response=False).same == 1


def test_nothing_repeats_nothing():
    assert repeats([], with_response=True) == Repeats(same=0, alike=0)


def test_the_language_of_a_text_is_told_or_left_open():
    assert language_of("The cat sat on the mat and looked at the rain.") == "en"
    assert language_of("这是一个关于春天和雨水的短故事，写给孩子们看。") == "zh"
    assert language_of("Yes.") == ""
