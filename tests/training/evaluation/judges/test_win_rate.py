from random import Random

import pytest

from revision_engine.types import PairText
from training.evaluation.judges.judge import Contest, Preference, Winner
from training.evaluation.judges.win_rate import FEWEST, WinRate, win_rate


def of(outcomes: list[tuple[Winner | None, int]]) -> WinRate:
    """Winners, and by how many characters the first is longer than 100."""
    contests = [
        Contest(
            first=PairText(instruction="Say.", response="x" * (100 + more)),
            second=PairText(instruction="Say.", response="x" * 100),
        )
        for _, more in outcomes
    ]
    answers = [
        Preference(as_given=winner, swapped=winner, problem="" if winner else "refused")
        for winner, _ in outcomes
    ]
    return win_rate(contests, answers)


def test_rates_are_those_of_the_paper():
    told = of(
        [(Winner.FIRST, 0)] * 5 + [(Winner.TIE, 0)] * 3 + [(Winner.SECOND, 0)] * 2
    )

    assert (told.wins, told.ties, told.losses) == (5, 3, 2)
    assert told.wr1 is not None
    assert told.wr2 is not None
    assert told.qs is not None
    assert told.wr1.value == pytest.approx(6.5 / 10)
    assert told.wr2.value == pytest.approx(5 / 7)
    assert told.qs.value == pytest.approx(8 / 10)
    assert told.wr1.low < told.wr1.value < told.wr1.high


def test_a_contest_without_an_answer_counts_nowhere():
    told = of([(Winner.FIRST, 0), (None, 0)])

    assert (told.wins, told.unanswered) == (1, 1)
    assert told.wr1 is not None
    assert told.wr1.value == 1.0


def test_without_contests_there_are_no_rates():
    told = of([])

    assert (told.wr1, told.wr2, told.qs, told.longer) == (None,) * 4


def test_ties_alone_have_no_second_rate():
    told = of([(Winner.TIE, 0)] * 3)

    assert told.wr2 is None
    assert told.qs is not None
    assert told.qs.value == 1.0


def test_a_judge_that_prefers_the_longer_one_is_seen_through():
    chance = Random(3)
    more = [chance.choice([30, 30, 30, -30]) for _ in range(200)]
    told = of([(Winner.FIRST if m > 0 else Winner.SECOND, m) for m in more])

    assert told.wr1 is not None
    assert told.longer is not None
    assert told.length_controlled is not None
    assert told.wr1.value == told.longer.value > 0.7
    assert told.length_controlled.value == pytest.approx(0.5, abs=0.15)


def test_a_judge_that_does_not_look_at_length_keeps_its_rate():
    chance = Random(4)
    told = of(
        [
            (chance.choice([Winner.FIRST] * 3 + [Winner.SECOND]), chance.randrange(99))
            for _ in range(200)
        ]
    )

    assert told.wr1 is not None
    assert told.length_controlled is not None
    assert told.longer is not None
    assert told.length_controlled.low < told.wr1.value < told.length_controlled.high


def test_few_contests_have_no_length_controlled_rate():
    assert of([(Winner.FIRST, 0)] * (FEWEST - 1)).length_controlled is None
    assert of([(Winner.FIRST, 0)] * FEWEST).length_controlled is not None


def test_where_one_side_is_always_longer_nothing_is_said_of_equal_lengths():
    longer = [(Winner.SECOND, more) for more in range(5, 25)]

    assert of(longer).length_controlled is None
    assert of([(Winner.FIRST, -more) for _, more in longer]).length_controlled is None
    assert of([*longer, (Winner.FIRST, -1)]).length_controlled is not None
