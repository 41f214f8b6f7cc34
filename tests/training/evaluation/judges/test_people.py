import pytest

from revision_engine.types import PairText
from training.evaluation.judges.judge import Contest, Preference, Winner
from training.evaluation.judges.people import WithPeople, with_people


def of(rows: list[tuple[Winner | None, int, int]]) -> WithPeople:
    """Winners, with the lengths of what people preferred and of the other text."""
    contests = [
        Contest(
            first=PairText(instruction="Say.", response="x" * one),
            second=PairText(instruction="Say.", response="x" * other),
        )
        for _, one, other in rows
    ]
    answers = [
        Preference(as_given=winner, swapped=winner, problem="" if winner else "refused")
        for winner, _, _ in rows
    ]
    return with_people(contests, answers)


def test_a_judge_of_length_agrees_and_is_not_taken_for_more():
    like = [(Winner.FIRST, 105, 100), (Winner.SECOND, 100, 105)] * 30

    told = of([*[(Winner.FIRST, 300, 100)] * 60, *like])

    assert told.agreed is not None
    assert told.gain is not None
    assert told.agreed.value == pytest.approx(0.75)
    assert told.matched == 60
    assert told.gain.value == 0
    assert told.beats_length is False


def test_a_judge_who_is_right_at_like_length_beats_length():
    told = of([(Winner.FIRST, 105, 100), (Winner.FIRST, 100, 105)] * 30)

    assert told.longer_matched is not None
    assert told.longer_matched.value == 0.5
    assert told.beats_length is True


def test_a_judge_of_brevity_is_seen_through_where_people_cut():
    told = of([(Winner.FIRST, 100, 105)] * 60)

    assert told.agreed is not None
    assert told.agreed.value == 1.0
    assert told.beats_length is False


def test_few_contests_of_like_length_say_nothing():
    told = of([*[(Winner.FIRST, 105, 100)] * 39, (None, 100, 100)])

    assert (told.n, told.matched) == (39, 39)
    assert told.beats_length is None


def test_without_answers_there_are_no_figures():
    told = of([(None, 100, 100)])

    assert (told.n, told.agreed, told.agreed_matched, told.gain) == (
        0,
        None,
        None,
        None,
    )
