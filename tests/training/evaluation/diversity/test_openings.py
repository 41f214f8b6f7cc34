from __future__ import annotations

import math

import pytest

from training.evaluation.diversity.openings import Opening, effective, map_of, opening


@pytest.mark.parametrize(
    ("instruction", "verb", "object"),
    [
        ("Write a short story about rain.", "write", "story"),
        ("Please list 5 healthy breakfast ideas", "list", "ideas"),
        ("Could you please explain the water cycle?", "explain", "cycle"),
        ("I want you to act as a travel guide", "act", ""),
        (
            "Rewrite the following sentence using the passive voice",
            "rewrite",
            "sentence",
        ),
        ("Describe how plants make food.", "describe", ""),
        ("SUMMARIZE, in one line, this text", "summarize", ""),
    ],
)
def test_a_verb_opens_an_instruction_and_its_object_is_the_end_of_what_follows(
    instruction, verb, object
):
    assert opening(instruction) == Opening(verb, object)


@pytest.mark.parametrize("instruction", ["What is 2 + 2?", "Can a fish drown?"])
def test_a_question_is_named_by_its_first_word(instruction):
    found = opening(instruction)

    assert found is not None
    assert (found.is_question, found.object) == (True, "")
    assert found.verb == instruction.split()[0].lower()


@pytest.mark.parametrize(
    "instruction", ["", "?!", "The cat sat.", "写一首诗", "Given a list, sort it."]
)
def test_what_opens_otherwise_is_not_guessed_at(instruction):
    assert opening(instruction) is None


def test_only_politeness_is_not_taken_off_for_ever():
    assert opening("please please please") is None


def test_the_map_counts_verbs_and_their_objects():
    found = map_of(
        ["Write a poem", "Write a poem", "Write a letter", "List rivers", "Why?", "Hm"]
    )

    assert (found.instructions, found.mapped, found.questions) == (6, 4, 1)
    assert (found.verbs, found.couples) == (2, 3)
    assert found.top == (
        ("write", 3, (("poem", 2), ("letter", 1))),
        ("list", 1, (("rivers", 1),)),
    )
    # Shares 1/2, 1/4, 1/4.
    assert found.effective_couples == pytest.approx(math.exp(1.5 * math.log(2)))


def test_equally_frequent_ones_count_whole():
    assert effective([3, 3, 3, 0]) == pytest.approx(3)
    assert effective([]) == 0.0
