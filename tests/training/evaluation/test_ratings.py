from __future__ import annotations

import numpy as np
import pytest

from training.evaluation import ratings

SAME = [(100, 100)]


def test_mean_and_share_are_counted_by_hand():
    found = ratings.compare([3, 4, 4.5, 5], [4, 4.5, 4.5, 4], [""] * 4, SAME * 4)

    whole = found.whole
    assert (whole.pairs, whole.category) == (4, "")
    assert (whole.mean.raw.value, whole.mean.revised.value) == (4.125, 4.25)
    assert (whole.share.raw.value, whole.share.revised.value) == (0.5, 0.5)
    assert (found.better, found.worse, found.same) == (2, 1, 1)


def test_another_threshold_gives_another_share():
    found = ratings.compare([3, 4], [3, 4], ["", ""], SAME * 2, threshold=4)

    assert found.whole.share.raw.value == 0.5


def test_each_rating_is_in_one_class_and_the_highest_in_the_last():
    found = ratings.compare([0, 0.5, 4.9, 5], [2.4, 2.5, 4.5, 5], [""] * 4, SAME * 4)

    assert found.edges == (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5)
    assert found.raw_counts == (1, 1, 0, 0, 0, 0, 0, 0, 0, 2)
    assert found.revised_counts == (0, 0, 0, 0, 1, 1, 0, 0, 0, 2)


def test_categories_come_by_size_and_the_small_ones_together():
    names = ["code"] * 10 + ["poem"] * 12 + ["riddle"] * 3 + [""] * 2

    found = ratings.by_category(names)

    assert list(found) == ["poem", "code", ratings.OTHER]
    assert found["code"] == list(range(10))
    assert found[ratings.OTHER] == list(range(22, 27))
    assert sorted(n for places in found.values() for n in places) == list(range(27))


@pytest.mark.parametrize("names", [["code"] * 10, [""] * 30, ["code"] * 9 + [""]])
def test_there_are_no_categories_where_all_would_be_in_one(names):
    assert ratings.by_category(names) == {}


def test_a_category_is_rated_by_its_own_pairs():
    found = ratings.compare(
        [1] * 10 + [3] * 10,
        [2] * 10 + [3] * 10,
        ["code"] * 10 + ["poem"] * 10,
        SAME * 20,
    )

    means = {each.category: each.mean.difference.value for each in found.categories}
    assert means == {"code": 1.0, "poem": 0.0}


def test_pairs_of_like_length_are_told_apart():
    lengths = [(100, 110), (100, 300), (100, 90), (100, 89)]

    found = ratings.compare([1, 1, 3, 3], [2, 5, 3, 5], [""] * 4, lengths)

    assert found.like_length is not None
    assert found.like_length.pairs == 2
    assert found.like_length.mean.difference.value == 0.5


def test_without_a_pair_of_like_length_nothing_is_said_of_them():
    assert ratings.compare([1], [2], [""], [(10, 90)]).like_length is None


def test_a_judge_that_follows_length_is_found_out():
    lengths = [(10, 10 + 10 * n) for n in range(5)]

    found = ratings.compare([1] * 5, [1, 2, 3, 4, 5], [""] * 5, lengths)

    assert found.with_length == pytest.approx(1.0)


def test_rank_correlation_is_counted_by_hand():
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4.
    found = ratings.rank_correlation(np.array([1.0, 2, 2, 9]), np.array([1.0, 2, 3, 4]))

    assert found == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert ratings.rank_correlation(np.ones(3), np.arange(3.0)) is None


def test_two_judges_are_compared_where_both_see_a_change():
    found = ratings.same_direction(np.array([1.0, -1, 0, 2]), np.array([3.0, 1, 1, 1]))

    assert found == (2, 3)


def test_pairs_that_the_judge_was_fitted_on_are_told_apart():
    def unseen(seen):
        found = ratings.compare([1, 3], [2, 5], ["", ""], SAME * 2, seen=seen)
        return found.unseen and (found.unseen.pairs, found.unseen.mean.difference.value)

    assert unseen([True, False]) == (1, 2.0)
    assert unseen([False, False]) is None
    assert unseen([True, True]) is None
    assert unseen([]) is None
