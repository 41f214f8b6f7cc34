"""A text while it is written: its end, its limit, and the way out of loops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine import writing
from revision_engine.loops import loop_block
from revision_engine.writing import SEED_STEP, WAYS_OUT, Text, new_tokens

END = 999
LINE = list(range(50, 62))
"""A block that is found as a loop when it comes three times."""


def text(prompt: list[int], limit: int = 500) -> Text:
    return Text(0, prompt, limit, seed=4)


def feed(one: Text, tokens: list[int]) -> bool:
    """Token by token, as a model writes, until the text does not go straight on."""
    return all(one.take([token], [-0.1], {END}) for token in tokens)


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 50), max_size=30),
    st.lists(st.integers(0, 50), min_size=12, max_size=40),
)
def test_three_equal_blocks_are_a_loop(start, block):
    tokens = start + 3 * block
    tokens = tokens[len(tokens) % 8 :]  # it is asked at multiples of 8 alone

    assert loop_block(tokens) or len(tokens) < 3 * len(block)


def test_the_end_token_ends_a_text_and_counts_in_its_score_alone():
    one = text([1])

    assert one.take([5], [-1.0], {END})
    assert not one.take([END, 6], [-3.0, -9.0], {END})

    assert (one.written, one.ended, one.stopped) == ([5], True, False)
    assert one.mean_logprob == -2.0


def test_a_text_stops_at_its_limit():
    one = text([1], limit=3)

    assert not feed(one, [5, 6, 7, 8])
    assert (one.written, one.ended, one.stopped) == ([5, 6, 7], False, True)


def test_whoever_watches_hears_of_the_tokens_as_they_come():
    told: list[int] = []
    one = text([1])
    one.tell = lambda tokens: told.append(len(tokens))

    feed(one, [5, 6, 7])

    assert told == [1, 2, 3]


def test_a_loop_is_left_behind_its_first_block_and_its_next_token_barred():
    one = text([7, *LINE, 8])

    assert not feed(one, LINE * 4)
    assert one.written == LINE
    assert one.barred_next == {LINE[0]}
    assert len(one.scores) == len(one.written)
    assert one.tokens == [7, *LINE, 8, *LINE]
    assert one.seed == 4 + SEED_STEP
    assert not one.done


@pytest.mark.parametrize("times", [3, 5])
def test_what_the_prompt_repeats_as_often_is_no_loop(times):
    one = text([7, *LINE * 5, 8])

    assert feed(one, [9, *LINE * times])
    assert one.written == [9, *LINE * times]


def test_a_loop_that_goes_on_beyond_the_prompts_goes_back_to_where_that_ends():
    one = text([7, *LINE * 5, 8])

    assert not feed(one, [9, *LINE * 8])
    assert one.written == [9, *LINE * 5]
    assert one.barred == {1 + 5 * len(LINE): {LINE[0]}}


def test_the_fourth_time_a_text_is_left_in_its_loop():
    one = text([7])

    for way in range(WAYS_OUT):
        assert not feed(one, LINE * 5)
        assert one.ways_out == WAYS_OUT - way - 1
        assert not one.done
    feed(one, LINE * 5)

    assert (one.stopped, one.ended) == (True, False)


def test_a_long_pair_may_get_a_longer_revision_within_the_context(monkeypatch):
    monkeypatch.setattr(writing, "MAX_NEW_TOKENS", 64)

    assert new_tokens(10, 2048) == 64
    assert new_tokens(600, 2048) == 900
    assert new_tokens(1000, 2048) == 1048


def test_beside_what_is_barred_the_likeliest_is_taken():
    one = text([1])
    one.barred[0] = {7, 8}

    assert one.take_another([(-0.1, 7), (-0.9, 5), (-0.4, 6), (-0.2, 8)], {END})

    assert (one.written, one.mean_logprob) == ([6], -0.4)


@pytest.mark.parametrize("ways", [[], [(-0.1, 7)]])
def test_a_text_that_is_given_no_way_but_a_barred_one_stops_in_its_loop(ways):
    one = text([1])
    one.barred[0] = {7}

    assert not one.take_another(ways, {END})

    assert (one.written, one.stopped, one.ended) == ([], True, False)
