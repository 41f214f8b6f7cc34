"""The efficiency number on cells that can be counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from annotator.domain.gain import estimate as gain_estimate
from annotator.domain.gain.cells import GainCell, with_machine, with_quality
from annotator.domain.gain.estimate import Code, estimate
from annotator.domain.gain.spreads import quantile
from annotator.domain.states import Arm


def cell(arm, pairs, seconds_each, *, person=1, band="short", accepted=None, cv=0.5):
    """Pairs of a mean time, that vary by `cv` of it."""
    accepted = pairs if accepted is None else accepted
    seconds = pairs * seconds_each
    squares = pairs * seconds_each**2 * (1 + cv**2)
    product = seconds * accepted / pairs
    return GainCell(
        person=person,
        band=band,
        category="",
        arm=arm,
        coach=1 if arm == Arm.COACHED else None,
        week=date(2026, 1, 5),
        pairs=pairs,
        accepted=accepted,
        seconds=seconds,
        squares=squares,
        product=product,
        all_seconds=seconds + 30 * pairs,
        all_squares=squares + 60 * seconds + 900 * pairs,
        all_product=product + 30 * accepted,
    )


def team(people, *, control=40, coached=160, with_coach=100.0, without=120.0, **values):
    return [
        cell(arm, pairs, seconds, person=person, **values)
        for person in range(people)
        for arm, pairs, seconds in (
            (Arm.CONTROL, control, without),
            (Arm.COACHED, coached, with_coach),
        )
    ]


def test_the_ratio_is_of_accepted_pairs_a_day():
    found = estimate(team(2))

    assert found.ratio.value == pytest.approx(1.2)
    assert found.control.per_day == pytest.approx(8 * 3600 / 120)
    assert found.coached.per_day == pytest.approx(8 * 3600 / 100)
    assert found.code == Code.MORE


def test_pairs_that_were_not_accepted_cost_their_time():
    found = estimate(team(2, accepted=20, control=40, coached=40))

    assert found.control.per_day == pytest.approx(8 * 3600 / 240)
    assert found.control.accepted == 40


def test_a_slow_person_with_more_control_pairs_does_not_make_a_gain():
    slow = team(1, control=100, coached=100, with_coach=300.0, without=300.0)
    fast = [
        cell(arm, pairs, 60.0, person=7)
        for arm, pairs in ((Arm.CONTROL, 20), (Arm.COACHED, 180))
    ]

    found = estimate([*slow, *fast])

    assert found.coached.counted_per_day / found.control.counted_per_day > 1.5
    assert found.ratio.value == pytest.approx(1.0)


def test_long_pairs_in_one_arm_do_not_make_a_gain():
    cells = [
        cell(arm, pairs, seconds, person=person, band=band)
        for person in range(2)
        for arm, band, pairs, seconds in (
            (Arm.CONTROL, "short", 20, 60.0),
            (Arm.COACHED, "short", 180, 60.0),
            (Arm.CONTROL, "long", 60, 300.0),
            (Arm.COACHED, "long", 60, 300.0),
        )
    ]

    assert estimate(cells).ratio.value == pytest.approx(1.0)


def test_nothing_at_all_says_what_is_lacking():
    found = estimate([])

    assert found.code == Code.TOO_FEW
    assert found.ratio is None
    assert found.lacking.smaller == gain_estimate.LEAST_PAIRS
    assert found.lacking.pairs is None
    assert found.lacking.people == gain_estimate.LEAST_PEOPLE


def test_no_ratio_is_shown_for_a_few_pairs():
    found = estimate(team(2, control=10, coached=90))

    assert found.code == Code.TOO_FEW
    assert found.ratio is None
    assert (found.lacking.smaller, found.lacking.pairs) == (10, 100)


def test_one_person_is_no_team_unless_it_is_asked_for():
    assert estimate(team(1)).code == Code.TOO_FEW
    assert estimate(team(1), least_people=1).ratio is not None


def test_an_arm_that_nothing_was_accepted_in_has_no_ratio():
    found = estimate(team(2, accepted=0))

    assert (found.code, found.ratio) == (Code.TOO_FEW, None)


def test_from_five_people_on_the_interval_is_over_people():
    alike = estimate(team(5))
    apart = estimate(
        [
            each
            for person in range(5)
            for each in (
                cell(Arm.CONTROL, 40, 120.0, person=person),
                cell(Arm.COACHED, 160, 120.0 - 18 * person, person=person),
            )
        ]
    )

    assert not estimate(team(4)).by_people
    assert alike.by_people
    assert alike.ratio.high - alike.ratio.low < 1e-6
    assert apart.ratio.high - apart.ratio.low > 0.5


def test_what_is_lacking_would_be_enough():
    small = {"control": 40, "coached": 160, "with_coach": 112.0, "cv": 0.8}
    before = estimate(team(3, **small))

    times = 1 + before.lacking.smaller / before.control.compared
    grown = {**small, "control": round(40 * times), "coached": round(160 * times)}
    after = estimate(team(3, **grown))
    almost = {**small, "control": round(36 * times), "coached": round(144 * times)}

    assert before.code == Code.UNDECIDED
    assert before.lacking.pairs == 5 * before.lacking.smaller
    assert (after.code, after.lacking) == (Code.MORE, None)
    assert estimate(team(3, **almost)).lacking is not None


def test_pairs_do_not_help_where_people_differ():
    cells = [
        each
        for person, with_coach in enumerate((60.0, 200.0, 80.0, 180.0, 110.0))
        for each in (
            cell(Arm.CONTROL, 4000, 120.0, person=person),
            cell(Arm.COACHED, 4000, with_coach, person=person),
        )
    ]

    lacking = estimate(cells).lacking

    assert lacking.pairs is None
    assert lacking.people > 5


def test_a_narrow_interval_around_one_is_an_answer():
    found = estimate(team(3, control=5000, coached=5000, with_coach=120.0))

    assert (found.code, found.lacking) == (Code.EVEN, None)


def test_less_is_said_as_plainly_as_more():
    assert estimate(team(3, with_coach=160.0)).code == Code.LESS


def test_strata_that_the_smaller_arm_cannot_fill_are_joined():
    bands = ("short", "medium", "long", "very_long")
    cells = [
        cell(arm, pairs, 100.0, person=person, band=band)
        for person in range(4)
        for band in bands
        for arm, pairs in ((Arm.CONTROL, 2), (Arm.COACHED, 40))
    ]

    found = estimate(cells)

    assert found.level == 2
    assert found.control.compared == 32


def test_machine_time_is_added_to_each_coached_pair():
    cells = [with_machine(each, 20.0) for each in team(2)]

    found = estimate(cells)

    assert found.ratio.value == pytest.approx(1.0)
    assert cells[1].squares == pytest.approx(
        160 * 100**2 * 1.25 + 2 * 20 * 16_000 + 400 * 160
    )


def test_quality_controls_time_can_be_added():
    found = estimate([with_quality(each) for each in team(2)])

    assert found.ratio.value == pytest.approx(150 / 130)


@pytest.mark.parametrize(
    ("freedom", "known"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (11, 2.201), (100, 1.984)],
)
def test_quantiles_are_students(freedom, known):
    assert quantile(0.95, freedom) == pytest.approx(known, abs=0.002)
