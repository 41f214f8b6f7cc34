"""What raters say is counted from rows; examples are counted by hand."""

from __future__ import annotations

import pytest

from annotator.domain.blind_ratings import Choice
from annotator.selectors import blind_ratings, blind_results
from tests import blind

pytestmark = pytest.mark.django_db
ONE, TIE, OTHER = Choice.ONE, Choice.TIE, Choice.OTHER


def votes(*said):
    return [dict(zip(blind.RATERS, each, strict=True)) for each in said]


def found(rating):
    [result] = blind_results.results(blind_ratings.of_report(rating.report))
    return result


@pytest.fixture
def made():
    return blind.made_report()


def test_a_pair_goes_to_what_more_than_half_of_its_raters_name(made):
    rating = blind.asked(*made, texts=4)

    blind.compared(
        rating,
        votes(
            (OTHER, OTHER, OTHER),  # won
            (OTHER, OTHER, ONE),  # won
            (OTHER, TIE, ONE),  # nobody has more than half: a tie
            (ONE, ONE, TIE),  # lost
        ),
    )

    rates = found(rating)["comparison"]
    assert (rates["wins"], rates["ties"], rates["losses"]) == (2, 1, 1)
    assert rates["wr1"]["value"] == (2 + 0.5) / 4
    assert rates["wr2"]["value"] == pytest.approx(2 / 3)
    assert rates["qs"]["value"] == 3 / 4
    assert rates["wr1"]["low"] < rates["wr1"]["value"] < rates["wr1"]["high"]


def test_alpha_of_the_votes_is_krippendorffs(made):
    rating = blind.asked(*made, texts=3)

    blind.compared(
        rating, votes((OTHER, OTHER, OTHER), (ONE, ONE, OTHER), (TIE, TIE, TIE))
    )

    [agreement] = found(rating)["agreement"]
    # Of nine values other 4, one 2, tie 3. In the second text 4 of its 6 ordered
    # couples differ, each weighs 1/2: observed 2. Expected: (81 - 16 - 4 - 9) / 8.
    assert agreement["alpha"] == pytest.approx(1 - 2 / (52 / 8))
    assert (agreement["texts"], agreement["answers"]) == (3, 9)


def test_scores_are_means_over_pairs_before_and_after(made):
    rating = blind.asked(*made, mode="rate", texts=2)

    blind.rated(
        rating,
        votes(((40, 80), (50, 90), (60, 70)), ((70, 60), (70, 60), (70, 60))),
    )

    result = found(rating)
    response = result["ratings"]["response"]
    assert response["pairs"] == 2
    assert response["one"]["value"] == (50 + 70) / 2
    assert response["other"]["value"] == (80 + 60) / 2
    assert response["difference"]["value"] == 10
    assert (response["difference"]["low"], response["difference"]["high"]) == (-10, 30)
    assert result["ratings"]["instruction"]["difference"]["value"] == 0
    # The first pair is rated higher afterwards, the second lower.
    rates = result["comparison"]
    assert (rates["wins"], rates["ties"], rates["losses"]) == (1, 0, 1)


def test_alpha_of_scores_is_that_of_numbers(made):
    rating = blind.asked(*made, mode="rate", texts=1)

    blind.rated(rating, votes(((10, 90), (10, 90), (40, 90))))

    by_name = {each["about"]: each for each in found(rating)["agreement"]}
    # Of the six scores the mean is 55: squares about it add up to 7950; those of the
    # first text about its 20 to 600, of the second to 0.
    observed, expected = 2 * 3 * 600 / 2 / 6, 2 * 6 * 7950 / (6 * 5)
    assert by_name["response"]["alpha"] == pytest.approx(1 - observed / expected)
    assert by_name["instruction"]["alpha"] is None


def test_what_passed_on_or_lies_in_hand_counts_for_nothing(made):
    rating = blind.asked(*made, texts=2)
    blind.compared(
        rating, [{"rita": OTHER, "ravi": OTHER, "rosa": OTHER}, {"rita": ONE}]
    )

    result = found(rating)

    assert (result["answers"], result["passed"], result["wanted"]) == (4, 2, 6)
    rates = result["comparison"]
    assert (rates["wins"], rates["losses"]) == (1, 1)
    assert result["agreement"][0]["texts"] == 1


def judged(rating, name, winners, *, seen=()):
    """A judge's word on the pairs, in the order of their numbers."""
    for pair, winner in zip(rating.pairs.order_by("number"), winners, strict=True):
        pair.judged = {
            name: {
                "version": "1",
                "winner": winner,
                "one": None,
                "other": None,
                "seen": pair.number in seen,
            }
        }
        pair.save()


def long_or_short(rating, longer):
    """Texts of which the revised one is the longer one where told so."""
    for pair, is_longer in zip(rating.pairs.order_by("number"), longer, strict=True):
        pair.one = {**pair.one, "response": "A text of some length."}
        response = "A text that is of a greater length." if is_longer else "A text."
        pair.other = {**pair.other, "response": response}
        pair.save()


def test_judges_are_laid_beside_people_and_length(made):
    rating = blind.asked(*made, texts=4)
    blind.compared(
        rating,
        votes((OTHER,) * 3, (OTHER,) * 3, (ONE,) * 3, (TIE,) * 3),
    )
    judged(rating, "endpoint", ["other", "other", "other", None])
    long_or_short(rating, [True, False, False, True])

    couples = {
        (each["one"], each["other"]): each["same"] for each in found(rating)["judges"]
    }

    # Length says other, one, one, other.
    assert couples["people", "endpoint"]["value"] == pytest.approx(2 / 3)
    assert couples["people", "endpoint"]["n"] == 3
    assert couples["people", "length"]["value"] == 2 / 4
    assert couples["length", "endpoint"]["value"] == pytest.approx(1 / 3)


def test_a_judge_no_better_than_length_is_marked():
    rating = blind.asked(*blind.made_report(24), texts=24)
    people = [OTHER] * 12 + [ONE] * 12
    blind.compared(rating, votes(*((each,) * 3 for each in people)))
    long_or_short(rating, [each is OTHER for each in people])
    judged(rating, "judge", [str(each) for each in people])

    [by_length] = found(rating)["beside_people"]
    long_or_short(rating, [place % 2 == 0 for place in range(24)])
    [by_more] = found(rating)["beside_people"]

    assert (by_length["agreed"]["value"], by_length["length"]["value"]) == (1, 1)
    assert (by_length["lead"]["value"], by_length["beats_length"]) == (0, False)
    assert (by_more["length"]["value"], by_more["lead"]["value"]) == (0.5, 0.5)
    assert by_more["beats_length"] is True


def test_of_few_pairs_nothing_is_said_about_a_judge(made):
    rating = blind.asked(*made, texts=4)
    blind.compared(rating, votes(*([(OTHER,) * 3] * 4)))
    judged(rating, "judge", ["one"] * 4)

    [told] = found(rating)["beside_people"]

    assert (told["n"], told["agreed"]["value"], told["lead"]) == (4, 0, None)
    assert told["beats_length"] is None


def test_pairs_that_a_judge_was_fitted_on_are_not_asked_of_it(made):
    rating = blind.asked(*made, texts=4)
    blind.compared(rating, votes(*([(OTHER,) * 3] * 4)))
    judged(rating, "judge", ["one", "other", "other", "other"], seen={1, 2})

    [told] = found(rating)["beside_people"]

    assert (told["n"], told["seen"], told["agreed"]["value"]) == (2, 2, 1)


def test_an_order_without_answers_has_no_figures(made):
    rating = blind.asked(*made)

    result = found(rating)

    assert (result["answers"], result["comparison"], result["ratings"]) == (0, None, {})
    assert result["agreement"][0]["alpha"] is None
