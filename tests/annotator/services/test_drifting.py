"""Drift: checks are made when something lands, and an alarm rings once."""

from __future__ import annotations

import pytest

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import DriftAlarm, DriftCheck
from annotator.selectors import drift
from annotator.services import drifting
from tests import factories, generations
from training.services import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project()


def ringing(project) -> set[tuple[str, str, str]]:
    alarms = DriftAlarm.objects.filter(project=project)
    return {(alarm.coach.name, alarm.other.name, alarm.figure) for alarm in alarms}


def test_a_worse_generation_rings_against_the_reference_and_the_one_before(project):
    first, *_ = generations.three(project)

    made = drifting.check(project)

    assert made.reference == first
    assert made.pairs == generations.PAIRS - 5
    assert {other for _, other, _ in ringing(project)} == {
        "first coach",
        "second coach",
    }
    assert {coach for coach, _, _ in ringing(project)} == {"third coach"}
    assert "edit distance ratio" in {figure for *_, figure in ringing(project)}
    alarm = DriftAlarm.objects.filter(figure="edit distance ratio").first()
    assert alarm.low > alarm.tolerance
    assert alarm.value > alarm.other_value
    assert alarm.adjusted_p <= 0.05


def test_generations_that_are_alike_do_not_ring(project):
    generations.three(project, last=generations.GOOD)

    drifting.check(project)

    assert not ringing(project)


def test_a_second_check_of_the_same_state_does_nothing(project):
    generations.three(project)

    first, second = drifting.check(project), drifting.check(project)

    assert (first is None, second) == (False, None)
    assert DriftCheck.objects.count() == 1


def test_an_alarm_rings_once_however_many_checks_find_it(project):
    *_, third = generations.three(project)
    drifting.check(project)
    before = ringing(project)
    generations.evaluate(
        generations.make(project, "fourth"), generations.GOOD, third, generations.BAD
    )

    assert drifting.check(project)

    assert ringing(project) == before
    assert DriftAlarm.objects.count() == len(before)


def test_only_the_coach_that_drafts_now_rings(project):
    _, second, _ = generations.three(project)
    registry.promote(coach=second, actor=None)

    drifting.check(project)

    assert not ringing(project)


def test_a_chosen_reference_holds_from_the_next_check_on(project):
    _, second, third = generations.three(project)
    admin = factories.make_member(project, Role.ADMIN)
    drifting.check(project)

    drifting.choose_reference(project=project, coach=second, actor=admin)
    made = drifting.check(project)

    assert made.reference == second
    assert {each.other for each in made.figures.filter(coach=third) if each.other} == {
        second
    }


def test_a_reference_must_have_drafted_here(project):
    generations.three(project)
    admin = factories.make_member(project, Role.ADMIN)

    with pytest.raises(Invalid):
        drifting.choose_reference(
            project=project, coach=generations.make(project, "x"), actor=admin
        )


def test_nothing_is_checked_before_anything_is_measured(project):
    factories.make_coach(project)

    assert drifting.check_all() == 0
    assert drift.drift(project).check is None


def test_an_alarm_is_acknowledged_with_a_note_once(project):
    generations.three(project)
    drifting.check(project)
    lead = factories.make_member(project, Role.LEAD)
    alarm = drift.standing(project)[0]

    with pytest.raises(Invalid):
        drifting.acknowledge(project=project, alarms=[alarm.pk], actor=lead, note=" ")
    drifting.acknowledge(
        project=project, alarms=[alarm.pk], actor=lead, note="We roll back."
    )
    drifting.acknowledge(
        project=project, alarms=[alarm.pk], actor=lead, note="Too late."
    )

    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.note) == (lead, "We roll back.")
    assert alarm not in drift.standing(project)


def test_an_annotator_may_not_acknowledge(project):
    generations.three(project)
    drifting.check(project)

    with pytest.raises(NotAllowed):
        drifting.acknowledge(
            project=project,
            alarms=[drift.standing(project)[0].pk],
            actor=factories.make_member(project, Role.ANNOTATOR),
            note="Fine.",
        )
