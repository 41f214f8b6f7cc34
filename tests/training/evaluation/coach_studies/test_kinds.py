"""Which coaches a study trains, and on which pairs."""

from __future__ import annotations

import pytest

from tests.coach_studies import examples
from training.evaluation.coach_studies import kinds
from training.evaluation.coach_studies.kinds import Unfit, Wanted
from training.examples import most_revised


def wanted(train=None, held_out=None, **given):
    usual = {
        "values": (),
        "seeds": (1, 2),
        "base_model": "tiny",
        "base_models": ("a", "b"),
    }
    return Wanted(
        train=kinds.drawn(examples(80) if train is None else train),
        held_out=kinds.drawn(examples(8, 500) if held_out is None else held_out),
        **{**usual, **given},
    )


def sized(cells):
    return [(each.point, each.seed, len(each.train)) for each in cells]


def test_alpha_keeps_the_share_that_people_changed_most():
    asked = wanted(values=("1", "0.25"))

    cells = kinds.cells("alpha", asked)

    assert sized(cells) == [
        ("0.25", 1, 20),
        ("1", 1, 80),
        ("0.25", 2, 20),
        ("1", 2, 80),
    ]
    assert list(cells[0].train) == most_revised(asked.train, 0.25)
    assert {len(each.held_out) for each in cells} == {8}


def test_a_larger_part_holds_the_smaller_one_and_each_seed_draws_its_own():
    small, large, other, _ = kinds.cells("size", wanted(values=("40", "10")))

    assert [each.point for each in (small, large, other)] == ["10", "40", "10"]
    assert set(small.train) < set(large.train)
    assert set(small.train) != set(other.train)


def test_the_usual_sizes_halve_what_there_is():
    cells = kinds.cells("size", wanted(seeds=(1,)))

    assert [each.point for each in cells] == ["10", "20", "40", "80"]


def test_backbones_learn_the_same_and_are_timed():
    cells = kinds.cells("backbone", wanted(seeds=(1,)))

    assert [each.config["base_model"] for each in cells] == ["a", "b"]
    assert cells[0].train == cells[1].train
    assert all(each.is_timed for each in cells)


def sliced():
    train = examples(40, category="maths") + examples(25, 100, category="poems")
    train += examples(5, 200, category="few")
    held_out = examples(6, 300, category="maths") + examples(5, 400, category="poems")
    return wanted(train, held_out, seeds=(1,))


def test_slices_learn_from_equally_many_and_are_measured_on_all():
    cells = kinds.cells("category", sliced())

    assert sized(cells) == [("maths", 1, 25), ("poems", 1, 25), ("all", 1, 25)]
    mixed = [each.category for each in cells[2].train]
    assert (mixed.count("maths"), mixed.count("poems")) == (13, 12)
    assert {len(each.held_out) for each in cells} == {11}


def test_a_later_generation_comes_after_the_one_whose_drafts_it_learns():
    cells = kinds.cells("generations", wanted(values=("2",), seeds=(1, 2)))

    assert [(each.name, each.after) for each in cells[:3]] == [
        ("0·1", ""),
        ("1·1", "0·1"),
        ("2·1", "1·1"),
    ]
    assert cells[3].after == ""


def test_language_is_a_slice_of_its_own():
    found = kinds.by_language(examples(3), lambda text: "en" if "Say" in text else "")

    assert [each.category for each in found] == ["en"] * 3


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        (
            "alpha",
            wanted(values=("0", "1")),
            "a share is above 0 and at most 1, got '0'",
        ),
        ("alpha", wanted(values=("much", "1")), "got 'much'"),
        ("alpha", wanted(values=("0.01", "1")), "0.01 leaves 1 pairs"),
        ("alpha", wanted(values=("0.5",)), "two points or more"),
        (
            "size",
            wanted(values=("10", "81")),
            "from 10 to 80, the pairs there are; got 81",
        ),
        ("size", wanted(values=("10", "x")), "a whole number is wanted, got 'x'"),
        ("generations", wanted(values=("11",)), "from 1 to 10"),
        ("category", wanted(), "needs two slices"),
        ("category", wanted(values=("maths",)), "maths has 0 pairs to learn from"),
        ("size", wanted(train=examples(9)), "9 pairs to learn from and 8 held-out"),
        ("size", wanted(held_out=examples(4, 500)), "80 pairs to learn from and 4"),
    ],
)
def test_what_cannot_be_made_says_why(kind, asked, said):
    with pytest.raises(Unfit, match=said):
        kinds.cells(kind, asked)
