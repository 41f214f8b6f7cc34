"""One draft's numbers, against the libraries and papers that define them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from revision_engine.types import PairText
from training.evaluation import measuring
from training.evaluation.definitions import chrf

TEXTS = st.text("ab cd.的", max_size=40)
RAW = PairText(instruction="Name a river.", response="Nile")
EXPERT = PairText(instruction="Name a river.", response="The Nile.")


@given(text=TEXTS, wanted=TEXTS)
def test_chrf_of_a_pair_is_sacrebleus(text, wanted):
    score = float(chrf(np.array(measuring.chrf_counts(text, wanted))))

    assert score == pytest.approx(CHRF().sentence_score(text, [wanted]).score)


@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_chrf_of_all_pairs_is_sacrebleus(pairs):
    texts, wanted = zip(*pairs, strict=True)
    counts = sum(np.array(measuring.chrf_counts(*pair)) for pair in pairs)

    expected = CHRF().corpus_score(texts, [wanted]).score

    assert float(chrf(counts)) == pytest.approx(expected)


def test_rouge_l_counts_words_in_common_and_in_order():
    # common: the ... nile ... africa: 3 of 4 and 3 of 5 words
    score = measuring.rouge_l("The Nile, in Africa", "the long nile flows Africa!")

    assert score == pytest.approx(100 * 2 * 3 / (4 + 5))


@given(text=TEXTS, wanted=TEXTS)
def test_rouge_l_is_the_same_both_ways_and_full_for_the_text_itself(text, wanted):
    assert 0 <= measuring.rouge_l(text, wanted) <= 100
    assert measuring.rouge_l(text, wanted) == measuring.rouge_l(wanted, text)
    assert measuring.rouge_l(text, text) == 100


def test_each_han_sign_is_a_word():
    assert measuring.rouge_l("长江", "长河") == 50


def test_nothing_has_no_word_in_common_with_something():
    assert measuring.rouge_l("", "a") == 0


def test_repetition_is_the_share_of_four_words_that_were_there_before():
    # 5 groups of four words; the last stands first already
    assert measuring.repetition("a b c d a b c d") == pytest.approx(1 / 5)


@pytest.mark.parametrize("text", ["", "a a a", "a b c d e f"])
def test_a_short_or_plain_text_repeats_nothing(text):
    assert measuring.repetition(text) == 0


@given(text=TEXTS)
def test_repetition_is_a_share(text):
    assert 0 <= measuring.repetition(text) < 1


def test_an_empty_draft_is_measured_too():
    empty = measuring.read(PairText(instruction=""), EXPERT)

    assert empty.distance == len("Name a river.") + len("The Nile.")
    assert empty.repetition == 0


def test_a_draft_that_is_parsed_may_still_be_unusable():
    output = "Instruction: Name a river.\nResponse: The Nile"

    row = measuring.measure(RAW, RAW, EXPERT, problem="too_long", output=output)

    assert (row.parseable, row.problem) == (True, "too_long")


@pytest.mark.parametrize("source", ["", "<noinput>"])
def test_an_input_that_says_there_is_none_is_no_text(source):
    text = measuring.as_text(PairText(instruction="I", input=source, response="R"))

    assert text == "Instruction: I\nResponse: R"
