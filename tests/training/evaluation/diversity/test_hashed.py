from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.diversity import hashed


def test_each_text_is_one_direction_and_an_empty_one_is_none():
    found = hashed.embed(["Write a poem.", ""])

    assert found.shape == (2, hashed.DIMENSIONS)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0])


def test_case_and_blanks_make_no_difference():
    one, other = hashed.embed(["Write  a\npoem", "write a poem"])

    assert one == pytest.approx(other)


def test_texts_that_share_words_are_nearer_than_strangers():
    one, near, far = hashed.embed(
        [
            "Describe the life cycle of a frog",
            "Explain the life cycle of a toad",
            "用中文写一首关于春天的诗",
        ]
    )

    assert one @ near > 0.3 > abs(one @ far)


def test_it_is_the_same_on_every_machine():
    """Pinned: figures of two reports are compared by this embedding's name."""
    (found,) = hashed.embed(["abc"])

    places = np.flatnonzero(found)
    assert len(places) == 6
    assert places.tolist() == [32, 56, 77, 166, 290, 330]


def test_only_the_begin_of_a_very_long_text_is_read():
    text = "word " * 2_000

    one, other = hashed.embed([text, text + "and something else"])

    assert one == pytest.approx(other)
