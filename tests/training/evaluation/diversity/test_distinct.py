from __future__ import annotations

import pytest

from training.evaluation.diversity import distinct
from training.evaluation.diversity.words import Vocabulary


def test_the_share_is_counted_by_hand():
    texts = Vocabulary().encode(["a b a b", "a b c"])

    # a b a b a b c; ab ba ab ab bc; aba bab abc.
    assert [distinct.share(texts, n) for n in (1, 2, 3)] == [3 / 7, 3 / 5, 1.0]


def test_nothing_said_is_not_diverse():
    assert distinct.share(Vocabulary().encode(["", "?"]), 1) == 0.0


def test_repeating_a_text_makes_it_less_distinct_but_not_at_equal_length():
    texts = [f"w{n} x{n} y{n} z{n}" for n in range(40)]
    twice = [f"{text} {text}" for text in texts]

    found = distinct.compare(texts, twice)

    assert found[0].revised == found[0].raw / 2 == 0.5
    assert found[0].words == 80


def test_texts_of_one_stock_of_words_are_as_distinct_at_equal_length():
    """The longer side draws on as many words: its whole share is lower for its length
    alone, and the share at equal length is not."""
    short = [" ".join(f"w{(n * 10 + m) % 997}" for m in range(10)) for n in range(300)]
    long = [" ".join(f"w{(n * 30 + m) % 997}" for m in range(30)) for n in range(300)]

    found = distinct.compare(short, long)[0]

    assert found.revised < found.raw / 2
    assert found.at_equal_length.raw.value == pytest.approx(
        found.at_equal_length.revised.value, abs=0.1
    )


def test_the_same_texts_do_not_differ():
    texts = ["write a poem", "write a story about rain", "name a river"]

    for found in distinct.compare(texts, texts):
        assert found.raw == found.revised
        assert found.at_equal_length.difference.low == 0
        assert found.at_equal_length.difference.high == 0


def test_a_share_at_equal_length_takes_just_the_budget():
    texts = [f"only{n}" for n in range(10)]
    same = ["same same same"] * 10

    found = distinct.compare(texts, same)[0]

    assert found.words == 5
    assert found.at_equal_length.raw.value == 1.0
    assert found.at_equal_length.revised.value == pytest.approx(1 / 5)


@pytest.mark.parametrize("texts", [[], ["one text"], ["", ""]])
def test_of_too_little_nothing_is_said(texts):
    assert distinct.compare(texts, texts) == []
