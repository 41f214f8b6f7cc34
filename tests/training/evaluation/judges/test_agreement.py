import numpy as np
import pytest

from training.evaluation.judges import agreement
from training.evaluation.judges.judge import Judgement, Preference, Winner


def ratings(*values: float | None) -> list[Judgement]:
    return [
        Judgement(rating=value, problem="" if value is not None else "refused")
        for value in values
    ]


def winners(letters: str) -> list[Preference]:
    """f(irst), s(econd), t(ie), in both orders alike."""
    known = {"f": Winner.FIRST, "s": Winner.SECOND, "t": Winner.TIE}
    return [Preference(as_given=known[each], swapped=known[each]) for each in letters]


def test_two_judges_who_say_the_same_agree_wholly():
    kappa, spearman = agreement.of_ratings(ratings(1, 2, 5), ratings(1, 2, 5))

    assert (kappa.value, kappa.low, kappa.high, kappa.n) == (1.0, 1.0, 1.0, 3)
    assert spearman.value == pytest.approx(1.0)


def test_kappa_sees_a_judge_who_is_always_milder_and_ranks_do_not():
    one, other = ratings(0, 1, 2, 3), ratings(2, 3, 4, 5)

    kappa, spearman = agreement.of_ratings(one, other)

    # Observed 16 (4 steps, squared); expected by chance 5 + 5 + 16.
    assert kappa.value == pytest.approx(1 - 16 / 26)
    assert spearman.value == pytest.approx(1.0)


def test_equal_ratings_share_their_rank():
    _, spearman = agreement.of_ratings(ratings(1, 1, 2, 3), ratings(1, 2, 3, 3))

    one, other = np.array([1.5, 1.5, 3, 4]), np.array([1, 2, 3.5, 3.5])
    assert spearman.value == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_what_one_judge_did_not_answer_is_left_out():
    kappa, _ = agreement.of_ratings(ratings(1, None, 3), ratings(1, 2, 3))

    assert kappa.n == 2


@pytest.mark.parametrize("values", [(), (3,), (3, 3, 3)])
def test_without_anything_to_agree_about_there_is_no_figure(values):
    for each in agreement.of_ratings(ratings(*values), ratings(*values)):
        assert (each.value, each.low, each.high) == (None, None, None)


def test_agreement_on_winners_is_told_with_and_without_chance():
    alike, kappa = agreement.of_preferences(winners("ffffss"), winners("fffsfs"))

    assert alike.value == pytest.approx(4 / 6)
    assert alike.low is not None
    assert alike.high is not None
    assert alike.low < alike.value < alike.high
    # By chance (4/6)^2 + (2/6)^2 = 5/9.
    assert kappa.value == pytest.approx((4 / 6 - 5 / 9) / (4 / 9))


def test_judges_that_always_name_the_first_agree_on_nothing_beyond_chance():
    alike, kappa = agreement.of_preferences(winners("fff"), winners("fff"))

    assert alike.value == 1.0
    assert kappa.value is None


def test_a_lean_towards_what_is_shown_first_is_seen():
    swayed = Preference(as_given=Winner.FIRST, swapped=Winner.SECOND)
    half = Preference(as_given=Winner.FIRST, swapped=None, problem="unreadable")

    told = agreement.position_bias([swayed, swayed, *winners("fs"), half])

    assert (told.contests, told.consistent) == (4, 2)
    assert (told.first, told.second) == (6, 2)
    assert told.lean == pytest.approx(0.25)
    assert agreement.position_bias(winners("tt")).lean is None
