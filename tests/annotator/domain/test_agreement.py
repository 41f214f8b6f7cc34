"""Agreement beyond chance, with an interval over pairs."""

from __future__ import annotations

import numpy as np
import pytest

from annotator.domain.agreement import is_one_text, measure
from revision_engine.types import PairText


def said(pairs: int, same: float, seed: int = 3) -> list[tuple[str, str]]:
    chance = np.random.default_rng(seed)
    first = chance.choice(list("abc"), size=pairs)
    other = chance.choice(list("abc"), size=pairs)
    keeps = chance.random(pairs) < same
    return list(zip(first, np.where(keeps, first, other), strict=True))


def test_perfect_agreement_is_1_and_chance_is_about_0():
    perfect = measure("q", said(500, 1.0))

    assert (perfect.alpha, perfect.low) == (1.0, None)
    assert abs(measure("q", said(5000, 0.0)).alpha) < 0.03


def test_a_known_example():
    # Two coders, 10 units, Krippendorff 2011, "Computing alpha", example A: 0.095.
    first, second = "0100000000", "1110010100"

    found = measure("q", list(zip(first, second, strict=True)))

    assert round(found.alpha, 3) == 0.095
    assert found.agreed == 6


def test_where_all_say_the_same_it_is_not_defined():
    found = measure("q", [("a", "a")] * 40)

    assert (found.alpha, found.low, found.high) == (None, None, None)
    assert (found.pairs, found.agreed) == (40, 40)
    assert measure("q", []).alpha is None


@pytest.mark.chance
def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    truth = measure("q", said(200_000, 0.5, seed=1)).alpha
    rounds = [measure("q", said(120, 0.5, seed=100 + n)) for n in range(300)]

    covered = np.mean([one.low <= truth <= one.high for one in rounds])

    assert 0.91 <= covered <= 0.98


def test_a_rare_word_has_no_interval():
    found = measure("q", [("no", "no")] * 60 + [("yes", "no")])

    assert found.alpha is not None
    assert found.low is None


RAW = PairText(instruction="Say it.", response="Raw.")


def test_two_texts_are_one_if_the_same_or_alike_with_one_decision():
    one = PairText(instruction="Say it.", response="One two three four five six.")
    spaced = PairText(instruction="Say it. ", response=f"{one.response}\n")
    alike = PairText(instruction="Say it.", response="One two three four five seven.")

    assert is_one_text(RAW, one, spaced, same_decision=False, limit=1.0)
    assert is_one_text(RAW, one, alike, same_decision=True, limit=0.8)
    assert not is_one_text(RAW, one, alike, same_decision=False, limit=0.8)
    assert not is_one_text(RAW, one, alike, same_decision=True, limit=0.95)


def test_a_long_instruction_that_nobody_touched_makes_no_two_texts_one():
    instruction = "Say it in words of your own, and then in mine. " * 20
    raw = PairText(instruction=instruction, response="Raw.")
    one = PairText(instruction=instruction, response="Alpha beta gamma")
    other = PairText(instruction=instruction, response="delta epsilon zeta")

    assert not is_one_text(raw, one, other, same_decision=True, limit=0.1)
