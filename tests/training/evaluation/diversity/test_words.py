from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.diversity.words import (
    Vocabulary,
    cut_alike,
    joined,
    ngrams,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The cat; the CAT!", ["the", "cat", "the", "cat"]),
        ("用Python写代码", ["用", "python", "写", "代", "码"]),
        ("東京 です", ["東", "京", "で", "す"]),
        ("?!  ...", []),
    ],
)
def test_words_are_lower_case_and_signs_of_unspaced_scripts_stand_alone(text, found):
    assert words(text) == found


def test_the_same_word_has_the_same_number_in_all_texts():
    one, other = Vocabulary().encode(["a b a", "b c"])

    assert one.tolist() == [0, 1, 0]
    assert other.tolist() == [1, 2]


def test_n_grams_do_not_cross_the_end_of_a_text():
    texts = Vocabulary().encode(["a b", "c a b", "d"])

    numbers, sizes = joined(texts, 2)

    assert sizes.tolist() == [1, 2, 0]
    assert numbers[0] == numbers[2]
    assert numbers[0] != numbers[1]


def test_different_n_grams_never_share_a_number():
    chance = np.random.default_rng(3)
    texts = [chance.integers(0, 7, 40) for _ in range(20)]

    numbers, _ = joined(texts, 3)

    rows = np.concatenate([ngrams(text, 3) for text in texts])
    assert len(np.unique(numbers)) == len(np.unique(rows, axis=0))
    assert len(
        {(tuple(row), n) for row, n in zip(rows.tolist(), numbers, strict=True)}
    ) == len(np.unique(numbers))


@pytest.mark.parametrize(
    ("one", "other", "cut"),
    [
        ("A b. C d!", "x, y", ("A b", "x, y")),
        ("a b", "a b.", ("a b", "a b.")),
        ("Some words", "?", ("", "")),
        ("春天来了。", "雨 snow", ("春天", "雨 snow")),
    ],
)
def test_two_texts_are_cut_to_the_words_of_the_shorter_one(one, other, cut):
    assert cut_alike(one, other) == cut
    assert cut_alike(other, one) == cut[::-1]
