"""The rule of a challenge: twice looked at, seldom wrong, never early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.challenge import figures, rule
from annotator.domain.challenge.figures import FigureName, Reviewed
from annotator.domain.challenge.rule import ChallengeCode
from annotator.domain.resampling import draw_people, medians, student


def reviewed(*, by_challenger=False, person=0, edited=10, **values) -> Reviewed:
    given = {"drafted": 100, "accepted": edited == 0, "seconds": 60.0}
    given |= {"returned": None, **values}
    return Reviewed(by_challenger=by_challenger, person=person, edited=edited, **given)


def simulated(seed, *, people, needed, share=0.5, effect=1.0) -> list[Reviewed]:
    """Reviews of skewed edit distances by people who edit more or less."""
    chance = np.random.default_rng(seed)
    habits = chance.normal(4, 0.5, people)
    rows, counts = [], [0, 0]
    while min(counts) < 2 * needed:
        person, theirs = int(chance.integers(people)), bool(chance.random() < share)
        counts[theirs] += 1
        size = np.exp(chance.normal(habits[person], 1.0)) * (chance.random() < 0.8)
        edited = int(size * (effect if theirs else 1))
        rows.append(reviewed(by_challenger=theirs, person=person, edited=edited))
    return rows


@pytest.mark.parametrize(
    ("people", "needed", "share"), [(8, 30, 0.5), (8, 25, 0.1), (2, 25, 0.5)]
)
def test_between_equals_a_wrong_promotion_is_rare(people, needed, share):
    codes = [
        rule.decide(
            simulated(seed, people=people, needed=needed, share=share), needed
        ).code
        for seed in range(100)
    ]

    assert codes.count(ChallengeCode.BETTER) <= 5
    assert codes.count(ChallengeCode.NOT_ENOUGH) == 0


def test_a_challenger_that_spares_half_of_the_edits_is_found():
    codes = [
        rule.decide(simulated(n, people=10, needed=100, effect=0.5), 100).code
        for n in range(20)
    ]

    assert codes.count(ChallengeCode.BETTER) >= 12


def test_one_review_too_few_decides_nothing():
    rows = simulated(1, people=6, needed=10, effect=0.01)
    end = rule.window(rows, 10)

    early, at_look = rule.decide(rows[: end - 1], 10), rule.decide(rows[:end], 10)

    assert early.code == ChallengeCode.NOT_ENOUGH
    assert early.difference is None
    assert early.lacking_champion + early.lacking_challenger == 1
    assert at_look.code == ChallengeCode.BETTER
    assert at_look.is_final


def test_reviews_between_the_looks_change_nothing():
    rows = simulated(3, people=6, needed=20)
    first, second = rule.window(rows, 20), rule.window(rows, 40)
    at_first = rule.decide(rows[:first], 20)

    later = rule.decide(rows[: second - 1], 20)

    assert at_first.code == later.code == ChallengeCode.NO_DIFFERENCE
    assert later.look == 1
    assert not later.is_final
    assert later.difference == at_first.difference
    assert rule.decide(rows, 20).look == 2


def test_fewer_edits_with_more_returns_is_not_better():
    rows = simulated(5, people=8, needed=60, effect=0.1)
    guarded = [
        replace(row, returned=row.by_challenger and n % 2 == 0)
        for n, row in enumerate(rows)
    ]

    verdict = rule.decide(guarded, 60)

    assert verdict.code == ChallengeCode.GUARDED
    assert verdict.guard == FigureName.RETURNED
    assert verdict.look == 2
    assert rule.decide(rows, 60).code == ChallengeCode.BETTER


def test_the_figures_are_what_the_rows_say():
    rows = [
        reviewed(edited=0, seconds=10.0, returned=False),
        reviewed(edited=30, seconds=30.0, returned=True),
        reviewed(edited=60, seconds=0.0),
        reviewed(by_challenger=True, edited=12, drafted=50, seconds=20.0),
    ]

    found = {figure.name: figure for figure in figures.compare(rows)}

    assert found["edited"].champion.value == pytest.approx(30)
    assert found["edited_share"].champion.value == pytest.approx(90 / 300)
    assert found["accepted"].champion.value == pytest.approx(1 / 3)
    assert found["median_seconds"].champion.value == pytest.approx(20)
    assert found["mean_seconds"].champion.value == pytest.approx(20)
    assert found["mean_seconds"].n_champion == 2
    assert found["returned"].champion.value == pytest.approx(1 / 2)
    assert found["returned"].challenger is None
    assert found["returned"].difference is None
    assert found["edited"].difference.value == pytest.approx(-18)
    assert found["edited_share"].challenger.value == pytest.approx(12 / 50)


def test_one_persons_reviews_do_not_count_as_many_peoples():
    alike = [
        reviewed(person=n % 6, edited=100 * (n % 6), by_challenger=n % 12 > 5)
        for n in range(240)
    ]
    few = [replace(row, person=row.person % 4) for row in alike]

    over_people = figures.compare(alike)[0].champion
    over_reviews = figures.compare(few)[0].champion

    assert figures.enough_people(alike)
    assert not figures.enough_people(few)
    width = over_people.high - over_people.low
    assert width > 3 * (over_reviews.high - over_reviews.low)


def test_none_of_a_few_is_not_zero_for_sure():
    rows = [reviewed(person=n, edited=5) for n in range(10)]

    accepted = {f.name: f for f in figures.compare(rows)}["accepted"].champion

    assert (accepted.value, accepted.low) == (0, 0)
    assert accepted.high == pytest.approx(0.308, abs=0.001)


def test_unusable_drafts_are_counted_by_draft():
    drafts = [(False, False)] * 8 + [(False, True)] * 2 + [(True, False)] * 5

    found = figures.compare_drafts(drafts)

    assert found.champion.value == pytest.approx(0.2)
    assert found.challenger.value == 0
    assert (found.n_champion, found.n_challenger) == (10, 5)


def test_a_weighted_median_is_the_median_of_the_drawn():
    seconds = np.array([5.0, 1.0, 4.0, 2.0, 9.0])
    draws = draw_people(range(5))

    found = medians(seconds, np.ones(5, dtype=bool), draws)

    for counts, median in list(zip(draws.counts, found, strict=True))[:50]:
        drawn = np.repeat(seconds, counts.astype(int))
        assert median == np.median(drawn)


@pytest.mark.parametrize(
    ("level", "freedom", "table"),
    [(0.95, 4, 2.776), (0.95, 9, 2.262), (0.975, 9, 2.685), (0.95, 1000, 1.962)],
)
def test_students_t_is_as_in_the_tables(level, freedom, table):
    assert student(level, freedom) == pytest.approx(table, rel=0.01)
