"""Signs with their n and interval; one alone never stands out."""

from __future__ import annotations

import random

import pytest

from annotator.domain import intervals, vigilance
from annotator.domain.vigilance import Read, SignName, signs, stands_out


def reads(count: int, *, rate: float, returned: int = 0, accepted: bool = True):
    return [
        Read(words=100, seconds=100 / rate, accepted=accepted, returned=n < returned)
        for n in range(count)
    ]


def by_name(found):
    return {sign.name: sign for sign in found}


def beyond(found):
    return {sign.name for sign in found if sign.is_beyond}


def test_reading_at_leisure_shows_nothing():
    found = signs(reads(100, rate=3.0), left=1, planted=10)

    assert beyond(found) == set()
    assert by_name(found)[SignName.FASTER].value == 0
    assert by_name(found)[SignName.STAMP].value == pytest.approx(3.0)


def test_quick_acceptance_of_good_drafts_does_not_stand_out():
    found = signs(reads(100, rate=20.0), left=0, planted=10)

    assert beyond(found) == {SignName.FASTER, SignName.STAMP}
    assert not stands_out(found)


def test_it_stands_out_when_planted_mistakes_are_left_as_well():
    found = signs(reads(100, rate=20.0), left=10, planted=10)

    assert beyond(found) == {SignName.FASTER, SignName.STAMP, SignName.LEFT}
    assert stands_out(found)


def test_mistakes_left_by_a_slow_reader_do_not_stand_out():
    found = signs(reads(100, rate=3.0), left=10, planted=10)

    assert beyond(found) == {SignName.LEFT}
    assert not stands_out(found)


def test_what_quality_control_corrects_is_no_rubber_stamp_but_its_own_sign():
    found = signs(reads(100, rate=20.0, returned=60), left=0, planted=0)

    assert beyond(found) == {SignName.FASTER, SignName.RETURNED}
    assert stands_out(found)


def test_a_few_reviews_say_nothing():
    found = signs(reads(19, rate=50.0), left=4, planted=4)

    assert beyond(found) == set()
    assert [sign.n for sign in found] == [19, 19, 4, 19]


def test_nothing_to_count_is_no_zero():
    found = signs([], left=0, planted=0)

    assert [sign.value for sign in found] == [None] * 4
    assert not stands_out(found)


def test_each_share_and_median_has_an_interval():
    found = by_name(signs(reads(30, rate=6.0), left=3, planted=6))

    assert found[SignName.LEFT].low < 0.5 < found[SignName.LEFT].high
    assert found[SignName.STAMP].low <= 6.0 <= found[SignName.STAMP].high


@pytest.mark.parametrize("n", [10, 35, 200])
def test_the_interval_of_a_median_holds_it_19_times_in_20(n):
    chance = random.Random(n)
    rounds = 2000

    held = 0
    for _ in range(rounds):
        values = sorted(chance.lognormvariate(0, 1) for _ in range(n))
        low, high = vigilance.median_bounds(values)
        held += low <= 1.0 <= high

    assert held / rounds >= 0.94


def test_wilson_is_never_sure_after_few():
    low, high = intervals.wilson(0, 5)

    assert low == pytest.approx(0.0)
    assert 0.4 < high < 0.5
