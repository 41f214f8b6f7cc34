"""Parts of a run's examples: each example in one, and what is alike in the same."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revision_engine.types import PairText
from training import folds
from training.examples import RevisionExample

WORDS = (
    *("river", "stone", "light", "train", "garden"),
    *("paper", "seven", "winter", "hollow", "copper"),
)


def example(number: int, text: str = "", response: str = "") -> RevisionExample:
    chance = random.Random(number)
    said = " ".join(chance.choice(WORDS) + str(chance.randrange(99)) for _ in range(12))
    raw = PairText(instruction=text or said, response=response or f"No. {number}")
    return RevisionExample(source_id=str(number), raw=raw, revised=raw, distance=0)


@given(count=st.integers(2, 40), parts=st.integers(2, 10), seed=st.integers(0, 99))
def test_each_example_is_in_one_part_and_its_order_does_not_matter(count, parts, seed):
    made = [example(number) for number in range(count)]
    turned = random.Random(seed).sample(made, count)

    dealt = dict(zip([e.source_id for e in made], folds.deal(made, parts), strict=True))
    again = dict(
        zip([e.source_id for e in turned], folds.deal(turned, parts), strict=True)
    )

    assert dealt == again
    assert set(dealt.values()) <= set(range(parts))
    sizes = [list(dealt.values()).count(part) for part in range(parts)]
    assert max(sizes) - min(sizes) <= 1


@given(
    owners=st.lists(st.integers(0, 6), min_size=2, max_size=30),
    parts=st.integers(2, 5),
)
def test_a_family_is_never_in_two_parts(owners, parts):
    made = []
    for number, owner in enumerate(owners):
        text = example(1000 + owner).raw.instruction
        blanks = "  " if number % 2 else " "
        made.append(example(number, text.upper().replace(" ", blanks)))

    dealt = folds.deal(made, parts)

    for owner in set(owners):
        mine = {part for one, part in zip(owners, dealt, strict=True) if one == owner}
        assert len(mine) == 1


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ("Name three birds that live near the river and say what each eats now", True),
        ("Name three birds that live near the river and say what each eats", True),
        ("name three  BIRDS that live near the river, and say what each eats!", True),
        ("Name three fish of the deep sea and tell how they find their prey", False),
    ],
)
def test_what_is_asked_with_a_word_more_is_alike(other, alike):
    first = "Name three birds that live near the river and say what each eats"
    texts = [PairText(instruction=t, response="") for t in (first, other)]

    one, two = folds.families_of(texts)

    assert (one == two) == alike


def test_one_answer_to_two_questions_is_alike():
    answer = example(7).raw.instruction * 3
    texts = [PairText(instruction=t, response=answer) for t in ("Why?", "What for?")]
    assert len(set(folds.families_of(texts))) == 1


def test_short_and_empty_texts_are_not_all_one_family():
    texts = [PairText(instruction=t, response="") for t in ("", "Sing.", "Count.", "")]
    found = folds.families_of(texts)
    assert len(set(found)) == 3


def test_what_reads_like_a_measured_pair_is_in_no_part():
    made = [example(number) for number in range(20)]
    measured = replace(made[3].raw, response="Another answer altogether, of a person.")

    dealt = folds.deal(made, 2, [measured])

    assert [n for n, part in enumerate(dealt) if part == folds.NOWHERE] == [3]
    assert dealt.count(0) + dealt.count(1) == 19


@pytest.mark.parametrize(
    ("drafted", "parts", "smallest", "fits"),
    [
        (0, 0, None, True),
        (100, 2, None, True),
        (99, 2, None, False),
        (500, 2, 49, False),
        (500, 2, 50, True),
        (0, 2, 0, False),
    ],
)
def test_parts_that_are_too_small_are_refused_in_words(drafted, parts, smallest, fits):
    why = folds.too_small(drafted, parts, smallest)
    assert (why == "") == fits
    assert fits or (str(drafted) in why and str(folds.FEWEST) in why)
