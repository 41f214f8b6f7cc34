"""How much of a person's work is looked at: the rule, and what it lets through."""

from __future__ import annotations

import random
from collections import deque

import pytest

from annotator.domain import chance as domain_chance
from annotator.domain import quality_sampling
from annotator.domain.quality_sampling import Found, QualityMode, Record, Rule

RULE = Rule()


def record(failed: int, judged: int) -> Record:
    return Record(passed=judged - failed, fixed=failed)


@pytest.mark.parametrize(
    ("failed", "judged", "rate"),
    [
        (0, 19, 1.0),  # not yet `full`
        (0, 20, 0.64),
        (0, 40, 0.31),
        (0, 58, 0.10),  # the floor
        (0, 200, 0.10),
        (5, 200, 0.10),
        (20, 200, 0.65),
        (20, 20, 0.95),
    ],
)
def test_the_rate_falls_with_proof_and_stays_above_the_floor(failed, judged, rate):
    assert quality_sampling.rate(record(failed, judged), RULE) == pytest.approx(
        rate, abs=0.005
    )


def test_the_rate_rises_with_each_failure():
    rates = [quality_sampling.rate(record(failed, 100), RULE) for failed in range(30)]

    assert rates == sorted(rates)
    assert rates[0] < rates[-1]


def test_a_project_may_have_everything_judged():
    everything = Rule(mode=QualityMode.ALL)

    assert quality_sampling.rate(record(0, 200), everything) == 1.0
    assert quality_sampling.rate(record(0, 200), Rule(slip=0.0)) == 1.0
    assert quality_sampling.rate(record(0, 200), Rule(floor=1.0)) == 1.0


def test_a_mended_review_has_not_passed():
    found = Record.of([Found.PASSED, Found.FIXED, Found.RETURNED, Found.PASSED])

    assert (found.passed, found.failed, found.judged) == (2, 2, 4)
    assert found.pass_share is not None
    assert found.pass_share.value == 0.5
    assert Record().pass_share is None


@pytest.mark.chance
@pytest.mark.parametrize("fails", [0.0, 0.02, 0.05, 0.08, 0.15, 0.4])
def test_no_more_slips_through_than_the_project_allows(fails):
    """People who fail at a known rate, simulated from their first review on."""
    reviews = people = 200
    chance = random.Random(17)
    unseen = looked_at = 0
    for _ in range(people):
        judged: deque[Found] = deque(maxlen=quality_sampling.WINDOW)
        for _ in range(reviews):
            failed = chance.random() < fails
            if chance.random() < quality_sampling.rate(Record.of(judged), RULE):
                judged.append(Found.FIXED if failed else Found.PASSED)
                looked_at += 1
            else:
                unseen += failed

    assert unseen / (people * reviews) <= RULE.slip
    if fails == 0:
        assert looked_at / (people * reviews) < 0.35


def test_the_draw_can_be_recounted_and_is_the_persons_own():
    places = [domain_chance.quality_place(f"print {n}", 1) for n in range(2000)]
    others = [domain_chance.quality_place(f"print {n}", 2) for n in range(2000)]

    assert places == [domain_chance.quality_place(f"print {n}", 1) for n in range(2000)]
    drawn = [quality_sampling.is_drawn(place, 0.3) for place in places]
    theirs = [quality_sampling.is_drawn(place, 0.3) for place in others]
    both = [a and b for a, b in zip(drawn, theirs, strict=True)]
    assert sum(drawn) / 2000 == pytest.approx(0.3, abs=0.04)
    assert sum(both) / 2000 == pytest.approx(0.09, abs=0.03)


def test_a_higher_rate_only_adds_reviews():
    places = [domain_chance.quality_place(f"print {n}", 1) for n in range(200)]

    few = {place for place in places if quality_sampling.is_drawn(place, 0.2)}
    more = {place for place in places if quality_sampling.is_drawn(place, 0.5)}

    assert few < more
