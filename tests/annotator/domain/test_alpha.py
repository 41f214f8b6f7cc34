"""Krippendorff's alpha, by the examples that were published with their numbers."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from annotator.domain import alpha


def units(*observers: str) -> list[list[str]]:
    """Observers' rows, one sign a unit; a dot: said nothing."""
    columns = zip(*observers, strict=True)
    return [[sign for sign in unit if sign != "."] for unit in columns]


@pytest.mark.parametrize(
    ("observers", "published"),
    [
        # Krippendorff 2011, A: binary data, two observers, nothing missing.
        (("0100000000", "1110010100"), 0.095),
        # Krippendorff 2011, B: nominal data, two observers, nothing missing.
        (("aabbdcccedda", "babbbcccedddd"[:12]), 0.692),
        # Krippendorff 2011, C: nominal data, any number of observers, some missing.
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
        # Wikipedia, "Krippendorff's alpha": three coders, fifteen units.
        ((".....34121133.3", "1.213343.......", "..21344.21133.4"), 0.691),
    ],
)
def test_it_gives_the_published_numbers(observers, published):
    [found] = alpha.nominal(units(*observers))

    assert round(float(found), 3) == published


def test_perfect_agreement_is_1_and_constant_disagreement_is_below_0():
    [agreed] = alpha.nominal(units("abcabc", "abcabc"))
    [crossed] = alpha.nominal(units("abab", "baba"))

    assert agreed == 1
    # Observed 1; expected 4 * 4 * 2 / (8 * 7): alpha 1 - 7 / 4.
    assert crossed == pytest.approx(-0.75)


@pytest.mark.parametrize(
    "said", [[], [[]], [["a"]], [["a", "a"]], [["a", "a"], ["b"]], [["a"], ["b"]]]
)
def test_it_is_not_defined_where_nothing_differs_or_nothing_is_paired(said):
    [found] = alpha.nominal(said)

    assert np.isnan(found)


def test_neither_the_order_of_units_nor_of_observers_nor_the_words_matter():
    rows = "123321412...", "1233224125.3", ".3332342251.", "12332441251."
    [straight] = alpha.nominal(units(*rows))
    other_words = [row.translate(str.maketrans("12345", "zqxab")) for row in rows]

    for order in permutations(rows):
        assert alpha.nominal(units(*order))[0] == pytest.approx(straight)
    assert alpha.nominal(units(*rows)[::-1])[0] == pytest.approx(straight)
    assert alpha.nominal(units(*other_words))[0] == pytest.approx(straight)


def test_units_that_count_several_times_are_units_written_out():
    kinds = units("aab.", "abbc", "ab.c")
    times = np.array([[3, 1, 0, 2], [1, 1, 1, 1], [0, 0, 4, 0]])

    found = alpha.nominal(kinds, times)

    for row, value in zip(times, found, strict=True):
        pairs = zip(kinds, row, strict=True)
        written_out = [unit for unit, count in pairs for _ in range(count)]
        [expected] = alpha.nominal(written_out)
        assert value == pytest.approx(expected, nan_ok=True)


def numbers(*observers: str) -> list[list[float]]:
    return [[float(sign) for sign in unit] for unit in units(*observers)]


def test_numbers_give_the_published_number():
    # Krippendorff 2011, E: interval data, any number of observers, some missing.
    rows = "123321412...", "1233224125.3", ".3332342251.", "12332441251."

    [found] = alpha.of_numbers(numbers(*rows))

    assert round(float(found), 3) == 0.849


def test_numbers_agree_with_the_sums_over_pairs_and_with_weights():
    said = numbers("1594", "2694", "27.9")
    times = np.array([[1, 1, 1, 1], [2, 0, 1, 3]])

    found = alpha.of_numbers(said, times)

    assert found == pytest.approx([by_pairs(said, row) for row in times])


def by_pairs(said, times):
    """As the definition has it: mean squares within units and over all values."""
    drawn = [unit for unit, n in zip(said, times, strict=True) for _ in range(n)]
    values = [value for unit in drawn for value in unit]
    within = sum(
        sum((a - b) ** 2 for a, b in permutations(unit, 2)) / (len(unit) - 1)
        for unit in drawn
    )
    over_all = sum((a - b) ** 2 for a, b in permutations(values, 2))
    return 1 - (within / len(values)) / (over_all / (len(values) * (len(values) - 1)))


@pytest.mark.parametrize("said", [[], [[]], [[4]], [[4, 4]], [[4], [5]]])
def test_of_numbers_it_is_not_defined_where_nothing_differs(said):
    [found] = alpha.of_numbers(said)

    assert np.isnan(found)
