from __future__ import annotations

import math
import random

import pytest
from sacrebleu.metrics.bleu import BLEU

from training.evaluation.diversity import self_bleu


def test_the_score_is_counted_by_hand():
    found = self_bleu.scores([["a", "b", "c"], ["a", "b", "d"]])

    # 2 of 3 words, 1 of 2 couples, none of 1 triple (0.1); as long as the other.
    assert found[0] == pytest.approx(100 * (2 / 3 * 1 / 2 * 0.1) ** (1 / 3))
    assert found[0] == found[1]


def test_the_short_are_scored_less_for_it():
    short, _ = self_bleu.scores([["a", "b"], ["a", "b", "c", "d"]])

    assert short == pytest.approx(100 * math.exp(1 - 4 / 2))


def test_it_is_sacrebleus_score_against_all_others():
    chance = random.Random(5)
    texts = [
        [chance.choice("abcdef") for _ in range(chance.randint(1, 12))]
        for _ in range(30)
    ]
    bleu = BLEU(
        tokenize="none",
        smooth_method="floor",
        smooth_value=0.1,
        effective_order=True,
    )

    for place, found in enumerate(self_bleu.scores(texts)):
        others = [" ".join(t) for n, t in enumerate(texts) if n != place]
        wanted = bleu.sentence_score(" ".join(texts[place]), others).score
        assert found == pytest.approx(wanted, rel=1e-6)


def test_equal_texts_repeat_each_other_wholly_and_strangers_hardly():
    same = ["write a short poem about rain"] * 10
    strange = [" ".join(f"{n}x{m}" for m in range(6)) for n in range(10)]

    found, texts = self_bleu.compare(same, strange)

    assert texts == 5
    assert found.raw.value == pytest.approx(100)
    assert found.revised.value < 3
    assert found.difference.high < -90


def test_a_drawing_has_both_sides_of_the_same_pairs():
    texts = [f"one two three word{n}" for n in range(50)]

    found, size = self_bleu.compare(texts, texts, most=10)

    assert size == 10
    assert (found.difference.low, found.difference.high) == (0, 0)


def test_the_interval_is_over_drawings_not_over_one():
    """Half of the texts repeat each other: how many of them are drawn decides."""
    texts = ["the same old story again"] * 20 + [f"a{n} b{n} c{n}" for n in range(20)]

    found, _ = self_bleu.compare(texts, texts, most=6)

    assert found.raw.high - found.raw.low > 30


@pytest.mark.parametrize("texts", [["a b", "", "c d", "e"], ["a b"] * 3])
def test_of_fewer_than_four_texts_with_words_nothing_is_said(texts):
    assert self_bleu.compare(texts, texts) is None
