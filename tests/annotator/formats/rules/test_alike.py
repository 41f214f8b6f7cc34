"""What is the same or nearly so is found among all, and nothing else."""

from __future__ import annotations

import random

import pytest

from annotator.formats.rules import alike
from annotator.formats.rules.outcomes import UnusableSetting
from revision_engine.types import PairText

CHINESE = "请解释为什么天空是蓝色的，并且用三句话告诉小学生，让他们都能听懂这个道理。"


def said(instruction: str, response: str = "") -> list[str]:
    pair = PairText(instruction=instruction, response=response)
    return alike.said(pair, with_response=True)


def indexed(texts):
    words = [said(text) for text in texts]
    index = alike.Index(len(texts))
    ids = range(100, 100 + len(texts))
    keys = [alike.key_of(each) for each in words]
    index.add(list(ids), keys, [alike.shingles(each) for each in words])
    return index


def test_case_blanks_and_punctuation_make_no_difference():
    texts = ["Name a river.", "name  a river", "NAME A RIVER!?", "Name a lake."]

    assert list(indexed(texts).same()) == [(100, 101), (100, 102)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b", "ab"), ("कर", "करो"), ("1.5", "1.6"), ("not so", "so not"), ("é", "e")],
)
def test_what_says_something_else_is_not_the_same(one, other):
    assert alike.key_of(said(one)) != alike.key_of(said(other))


def test_a_chinese_text_is_told_by_its_signs():
    changed = CHINESE.replace("三句话", "四句话")

    found = alike.alikeness(
        alike.shingles(said(CHINESE)), alike.shingles(said(changed))
    )

    assert 0.7 < found < 1
    assert list(indexed([CHINESE, changed]).candidates()) == [(100, 101)]


def test_near_ones_are_found_among_many_that_are_not():
    draw = random.Random(3)
    words = [f"word{n}" for n in range(3_000)]
    texts = [" ".join(draw.choices(words, k=60)) for _ in range(2_000)]
    near = [text.rsplit(" ", 2)[0] + " quite different" for text in texts[:200]]

    found = list(indexed(texts + near).candidates())

    wanted = {(100 + n, 2_100 + n) for n in range(200)}
    assert len(wanted & set(found)) >= 198
    assert len(found) < 300


def test_a_thousand_alike_do_not_cost_half_a_million_couples():
    same = indexed(["The very same text, over and over again."] * 1_000)
    found = list(same.candidates())

    assert len(found) < 2_000
    assert {b for _, b in found} == set(range(101, 1_100))


def test_short_texts_have_a_shingle_too():
    assert alike.shingles(said("River")) == {"river"}
    assert alike.shingles(said("")) == {""}
    assert alike.alikeness(alike.shingles(["a"]), alike.shingles(["b"])) == 0


def test_an_empty_index_has_no_couples():
    index = alike.Index(0)

    assert list(index.same()) == []
    assert list(index.candidates()) == []


def test_more_pairs_than_memory_is_meant_for_are_refused():
    with pytest.raises(UnusableSetting, match="at most 2,000,000"):
        alike.Index(alike.MOST_PAIRS + 1)
