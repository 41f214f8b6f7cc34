from __future__ import annotations

import numpy as np

from training.evaluation import lengths


def test_quartiles_lie_between_their_neighbours():
    found = lengths.quartiles(np.array([1.0, 2.0, 4.0, 8.0]))

    # Places 0.75, 1.5 and 2.25 of four values.
    assert (found.first, found.median, found.third) == (1.75, 3.0, 5.0)
    assert (found.least, found.most) == (1.0, 8.0)


def test_every_text_is_in_one_class_and_an_edge_belongs_to_the_class_it_begins():
    found = lengths.compare([0, 4, 5, 9], [10, 10, 19, 20])

    assert found.edges == (0, 1, 2, 5, 10, 20)
    assert found.raw_counts == (1, 0, 1, 2, 0, 0)
    assert found.revised_counts == (0, 0, 0, 0, 3, 1)


def test_the_difference_is_revised_less_raw():
    found = lengths.compare([1, 2, 3], [2, 4, 9])

    assert (found.mean.raw.value, found.mean.revised.value) == (2.0, 5.0)
    assert found.mean.difference.value == 3.0
    assert found.median.difference.value == 2.0


def test_very_long_texts_are_in_the_last_class():
    found = lengths.compare([20_000], [1_000_000])

    assert (found.edges, found.raw_counts, found.revised_counts) == (
        (10_000,),
        (1,),
        (1,),
    )
