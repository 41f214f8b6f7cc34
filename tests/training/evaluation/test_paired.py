from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.paired import Resampling, Subsets


def test_means_are_those_of_the_pairs_and_the_difference_is_between_them():
    raw, revised = np.array([[1.0], [2.0], [6.0]]), np.array([[2.0], [4.0], [6.0]])

    (found,) = Resampling(pairs=3).means(raw, revised)

    assert (found.raw.value, found.revised.value) == (3.0, 4.0)
    assert found.difference.value == 1.0
    # A drawn mean of differences lies between the least and the largest: 0 and 2.
    assert 0 <= found.difference.low <= 1 <= found.difference.high <= 2


def test_a_constant_difference_has_no_width_however_wide_the_sides_are():
    raw = np.arange(50.0)[:, None]

    (found,) = Resampling(pairs=50).means(raw, raw + 3)

    assert found.raw.high - found.raw.low > 5
    assert (found.difference.low, found.difference.high) == pytest.approx((3, 3))


def test_the_interval_of_a_mean_is_as_wide_as_theory_says():
    chance = np.random.default_rng(1)
    values = chance.normal(size=(400, 1))

    (found,) = Resampling(pairs=400).means(values, values)

    error = float(values.std()) / 20
    assert found.raw.high - found.raw.low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_one_seed_gives_the_same_interval_and_another_one_another():
    values = np.random.default_rng(1).normal(size=(30, 1))

    found = [
        Resampling(pairs=30, seed=seed).means(values, -values) for seed in (17, 17, 18)
    ]

    assert found[0] == found[1]
    assert found[0] != found[2]


def test_draws_do_not_depend_on_how_many_are_held_at_a_time(monkeypatch):
    values = np.arange(30.0)[:, None]
    whole = Resampling(pairs=30, resamples=100).means(values, values)

    monkeypatch.setattr("training.evaluation.paired.AT_ONCE", 90)

    assert Resampling(pairs=30, resamples=100).means(values, values) == whole


def test_medians_are_those_of_the_values():
    found = Resampling(pairs=5).medians(
        np.array([1.0, 2.0, 3.0, 4.0, 100.0]), np.array([2.0, 2.0, 5.0, 9.0, 9.0])
    )

    assert (found.raw.value, found.revised.value, found.difference.value) == (3, 5, 2)


def test_subsets_hold_no_pair_twice_and_both_sides_the_same_ones():
    seen = []

    def keep(places):
        seen.append(sorted(places.tolist()))
        return float(len(places))

    Subsets(pairs=9, size=4, count=10).values(keep, keep)

    assert all(len(set(places)) == 4 for places in seen)
    assert seen[0::2] == seen[1::2]


@pytest.mark.parametrize("size", [0, 4])
def test_a_subset_is_no_larger_than_what_there_is(size):
    with pytest.raises(ValueError, match="size must be from 1 to 3"):
        Subsets(pairs=3, size=size)


def test_nothing_is_drawn_from_no_pairs():
    with pytest.raises(ValueError, match="at least one pair"):
        Resampling(pairs=0)
