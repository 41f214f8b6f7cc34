"""Judges beside people, beside each other, and beside length."""

from __future__ import annotations

import pytest

from revision_engine.types import PairText
from training.evaluation.judges import beside_people
from training.evaluation.judges.judge import Contest, Winner

FIRST, SECOND, TIE = Winner.FIRST, Winner.SECOND, Winner.TIE


def contests(*lengths):
    return [
        Contest(
            first=PairText(instruction="Say.", response="a" * one),
            second=PairText(instruction="Say.", response="a" * other),
        )
        for one, other in lengths
    ]


def test_length_names_the_longer_response():
    found = beside_people.by_length(contests((3, 1), (1, 3), (2, 2)))

    assert found == [FIRST, SECOND, TIE]


def test_what_people_left_tied_and_what_a_judge_left_out_do_not_count():
    asked = contests((3, 1), (3, 1), (1, 3), (3, 1))

    found = beside_people.beside_people(
        "j", asked, [FIRST, None, TIE, FIRST], [FIRST, FIRST, SECOND, TIE]
    )

    assert found.n == 2
    assert found.agreed.value == (1 + 0.5) / 2
    assert found.length.value == 1
    assert found.beats_length is None


def test_length_is_taken_in_the_direction_that_people_prefer():
    asked = contests(*[(1, 3)] * 24)
    people = [FIRST] * 24  # who like what is short

    found = beside_people.beside_people("j", asked, people, people)

    assert (found.length.value, found.lead.value) == (1, 0)
    assert found.beats_length is False


def test_a_judge_that_is_right_where_length_is_not_beats_it():
    asked = contests(*[(3, 1), (1, 3)] * 12)
    people = [FIRST] * 24

    found = beside_people.beside_people("j", asked, people, people)

    assert found.lead.value == 0.5
    assert found.lead.low > 0
    assert found.beats_length is True


def test_every_two_judges_are_compared_once_and_rated_by_rank():
    winners = {"a": [FIRST, TIE], "b": [FIRST, FIRST], "c": [SECOND, None]}
    ratings = {"a": [1, 2, 3, 4], "b": [10, 200, 30, 4000]}

    found = {
        (each.one, each.other): each for each in beside_people.couples(winners, ratings)
    }

    assert set(found) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert found["a", "b"].same.value == 0.5
    # Ranks 1 2 3 4 and 1 3 2 4: 1 - 6 * 2 / (4 * 15).
    assert found["a", "b"].rank.value == pytest.approx(0.8)
    assert found["a", "c"].same.n == 1
    assert found["a", "c"].rank is None
