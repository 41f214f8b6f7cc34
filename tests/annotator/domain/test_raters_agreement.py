"""Agreement among any number of raters, with an interval over texts."""

from __future__ import annotations

import pytest

from annotator.domain import alpha, raters_agreement


def test_texts_with_one_answer_tell_nothing():
    said = [["a", "a", "b"], ["b", "b"], ["a"]]

    found = raters_agreement.of_choices(said)

    assert (found.texts, found.answers) == (2, 5)
    assert found.alpha == pytest.approx(float(alpha.nominal(said)[0]))


def test_the_interval_holds_the_value_and_narrows_with_texts():
    few = raters_agreement.of_scores([[10, 20], [50, 70], [90, 80]] * 4)
    many = raters_agreement.of_scores([[10, 20], [50, 70], [90, 80]] * 40)

    assert few.low < few.alpha < few.high
    assert many.high - many.low < (few.high - few.low) / 2


def test_of_raters_who_never_differ_there_is_no_interval():
    found = raters_agreement.of_choices([["a", "a"], ["b", "b"]])

    assert (found.alpha, found.low, found.high) == (1, None, None)


@pytest.mark.parametrize("said", [[], [["a"]], [["a", "a"], ["a", "a"]]])
def test_where_nothing_differs_there_is_no_alpha(said):
    found = raters_agreement.of_choices(said)

    assert (found.alpha, found.low) == (None, None)
