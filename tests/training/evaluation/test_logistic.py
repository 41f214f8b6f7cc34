import numpy as np
import pytest

from training.evaluation import logistic


def test_a_row_that_counts_twice_is_as_good_as_two():
    chance = np.random.default_rng(1)
    columns = chance.normal(size=(60, 2))
    yes = (columns[:, 0] + chance.normal(size=60) > 0).astype(float)
    # The same mean and scale on both sides, or the ridge would weigh otherwise.
    twice = np.vstack([columns, columns])

    counted = logistic.fit(twice, np.tile(yes, 2), 1.0)
    told = logistic.fit(columns, yes, 1.0, np.full(60, 2.0))

    assert told.weights == pytest.approx(counted.weights)
    assert told.intercept == pytest.approx(counted.intercept)


def test_a_row_that_counts_nothing_changes_nothing():
    columns = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    yes = np.array([0.0, 1.0, 1.0, 0.0])

    found = logistic.fit(columns, yes, 0.1, np.array([1.0, 1.0, 0.0, 0.0]))

    assert found.weights[0] > 1


def test_probabilities_of_a_weighted_fit_are_set_right_in_the_same_order():
    chance = np.random.default_rng(2)
    columns = chance.normal(size=(600, 1))
    yes = (chance.random(600) < 1 / (1 + np.exp(-columns[:, 0]))).astype(float)
    weighted = logistic.fit(columns, yes, 1.0, np.where(yes > 0, 8.0, 1.0))
    given = weighted.probabilities(columns)

    model, told = logistic.calibrated(weighted, given, yes)

    assert given.mean() > yes.mean() + 0.2
    assert told.mean() == pytest.approx(yes.mean(), abs=1e-6)
    high = told > np.median(told)
    assert told[high].mean() == pytest.approx(yes[high].mean(), abs=0.05)
    assert list(np.argsort(told)) == list(np.argsort(given))
    assert model.probabilities(columns) == pytest.approx(told)


def test_what_is_worse_than_chance_and_beyond_doubt_becomes_the_share_of_yes():
    given = np.array([1.0, 0.8, 0.2, 0.0])
    yes = np.array([0.0, 0.0, 1.0, 1.0])
    model = logistic.fit(given[:, None], yes, 1.0)

    model, told = logistic.calibrated(model, given, yes)

    assert told == pytest.approx(np.full(4, 0.5), abs=0.01)
    assert model.weights == [0.0]
