from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.diversity import spread


def _embed(texts):
    """One direction a first letter: a, b, c."""
    return np.array(
        [[float(text.startswith(each)) for each in "abc"] for text in texts]
    )


def test_the_vendi_score_of_equal_texts_is_one_and_of_strangers_their_number():
    assert spread.vendi(np.array([[1.0, 0.0]] * 6)) == pytest.approx(1)
    assert spread.vendi(np.eye(6)) == pytest.approx(6)


def test_the_vendi_score_is_counted_by_hand():
    # Shares 3/4 and 1/4: exp of their entropy.
    wanted = np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))

    assert spread.vendi(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]])) == pytest.approx(
        wanted
    )


def test_the_vendi_score_does_not_depend_on_which_side_is_longer():
    vectors = np.random.default_rng(2).normal(size=(7, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = np.linalg.eigvalsh(vectors @ vectors.T / 7)
    shares = shares[shares > 1e-12]

    wide = np.hstack([vectors, np.zeros((7, 20))])

    assert spread.vendi(vectors) == pytest.approx(
        np.exp(-(shares * np.log(shares)).sum())
    )
    assert spread.vendi(wide) == pytest.approx(spread.vendi(vectors))


def test_the_distance_is_the_mean_over_couples():
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

    # Three couples, of which two are at right angles.
    assert spread.distance(vectors) == pytest.approx(2 / 3)


def test_a_row_drawn_twice_is_no_couple_with_itself():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0]])

    assert spread.distance(vectors, np.array([2.0, 1.0])) == pytest.approx(1.0)
    assert spread.distance(vectors, np.array([2.0, 0.0])) == 0.0


def test_texts_that_become_alike_come_nearer():
    raw = ["a", "b", "c"] * 6
    revised = ["a"] * 18

    found = spread.compare(raw, revised, _embed)

    # 18 texts of three kinds: 108 of 153 couples differ.
    assert found.distance.raw.value == pytest.approx(108 / 153)
    assert found.distance.revised.value == pytest.approx(0)
    assert found.vendi.revised.value == pytest.approx(1)
    assert 2 < found.vendi.raw.value <= 3
    assert found.vendi.difference.high < 0
    assert (found.pairs, found.scored) == (18, 9)


def test_of_three_texts_nothing_is_said():
    assert spread.compare(["a"] * 3, ["b"] * 3, _embed) is None


def test_of_many_pairs_the_same_ones_are_embedded_on_both_sides(monkeypatch):
    monkeypatch.setattr(spread, "SAMPLE", 10)
    seen = []

    def embed(texts):
        seen.append(list(texts))
        return _embed(texts)

    found = spread.compare(
        [f"a{n}" for n in range(40)], [f"b{n}" for n in range(40)], embed
    )

    assert found.pairs == 10
    assert [text[1:] for text in seen[0]] == [text[1:] for text in seen[1]]
