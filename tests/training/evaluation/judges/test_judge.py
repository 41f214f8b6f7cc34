import pytest

from training.evaluation.judges.judge import Judgement, Preference, Winner


def test_a_judgement_has_a_rating_or_a_problem():
    with pytest.raises(ValueError, match="and not both"):
        Judgement(rating=None)
    with pytest.raises(ValueError, match="and not both"):
        Judgement(rating=3.0, problem="refused")


@pytest.mark.parametrize("rating", [-0.1, 5.1, float("nan")])
def test_a_rating_is_on_the_scale(rating):
    with pytest.raises(ValueError, match="rating must be from"):
        Judgement(rating=rating)


def test_both_orders_must_agree_on_a_winner():
    alike = Preference(as_given=Winner.FIRST, swapped=Winner.FIRST)
    turned = Preference(as_given=Winner.FIRST, swapped=Winner.SECOND)

    assert (alike.winner, alike.consistent) == (Winner.FIRST, True)
    assert (turned.winner, turned.consistent) == (Winner.TIE, False)


def test_a_missing_answer_leaves_no_winner():
    half = Preference(as_given=Winner.FIRST, swapped=None, problem="unreadable")

    assert half.winner is None
    assert not half.consistent
