"""Exact bounds: textbook values, and the cover they promise."""

from __future__ import annotations

import random

import pytest

from annotator.domain.intervals import share, upper_bound


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [  # Clopper and Pearson, as R's binom.test prints them
        (0, 20, 0.0, 0.1684),
        (1, 20, 0.0013, 0.2487),
        (5, 20, 0.0866, 0.4910),
        (20, 20, 0.8316, 1.0),
        (81, 263, 0.2527, 0.3676),
    ],
)
def test_the_interval_is_clopper_and_pearsons(count, of, low, high):
    found = share(count, of)

    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == count / of


def test_nothing_judged_is_nothing_known():
    assert share(0, 0) is None
    assert upper_bound(0, 0, 0.95) == 1.0
    assert upper_bound(0, 20, 0.95) == pytest.approx(1 - 0.05 ** (1 / 20))


def test_more_than_all_is_refused():
    with pytest.raises(ValueError, match="21 of 20"):
        share(21, 20)


@pytest.mark.parametrize("true_share", [0.02, 0.1, 0.4])
def test_the_bound_holds_at_least_as_often_as_it_says(true_share):
    chance = random.Random(17)
    trials, of, held = 1000, 60, 0
    for _ in range(trials):
        count = sum(chance.random() < true_share for _ in range(of))
        held += upper_bound(count, of, 0.95) >= true_share

    assert held / trials > 0.935
