"""Intervals and confidence: exact where they can be, and never random twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation import bootstrap

GAINS = st.lists(st.integers(-50, 50), min_size=1, max_size=40)


def test_the_first_draw_is_the_pairs_themselves():
    draws = bootstrap.draws(7, 100)

    assert draws.shape == (101, 7)
    assert (draws[0] == 1).all()
    assert (draws.sum(1) == 7).all()


def test_the_same_pairs_are_drawn_each_time():
    assert (bootstrap.draws(5) == bootstrap.draws(5)).all()


def test_the_interval_of_a_mean_is_as_wide_as_theory_says():
    numbers = np.random.default_rng(3).normal(size=400)

    value, low, high = bootstrap.interval(bootstrap.draws(400) @ numbers / 400)

    assert value == np.mean(numbers)
    theory = 2 * 1.96 * numbers.std() / np.sqrt(400)
    assert abs((high - low) / theory - 1) < 0.1


def test_a_resample_without_a_value_is_left_out():
    values = np.array([2.0, np.nan, 1.0, 3.0])

    assert bootstrap.interval(values) == (2.0, 1.05, 2.95)


def test_an_undefined_value_has_no_interval():
    assert bootstrap.interval(np.array([np.nan, 1.0])) is None


@settings(deadline=None, max_examples=25)
@given(gains=GAINS)
def test_confidence_grows_with_each_gain_and_is_a_share(gains):
    gains = np.array(gains, dtype=float)

    sure = bootstrap.confidence(gains)

    assert 0 <= sure < 1
    assert bootstrap.confidence(gains + 1) >= sure


@settings(deadline=None, max_examples=25)
@given(gains=GAINS)
def test_nobody_is_sure_of_a_gain_and_of_its_opposite(gains):
    gains = np.array(gains, dtype=float)

    assert bootstrap.confidence(gains) + bootstrap.confidence(-gains) <= 1.01


def test_there_is_no_confidence_in_no_difference():
    assert bootstrap.confidence(np.zeros(40)) == 0


def test_five_gains_of_five_are_one_in_thirty_two():
    assert abs(bootstrap.confidence(np.ones(5)) - 31 / 32) < 0.01
