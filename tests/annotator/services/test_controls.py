"""Control pairs need no engine, so they wait for none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState, Stage
from annotator.models import Pair, Part
from annotator.selectors import parts
from annotator.services import controls as controls_module
from annotator.services import drafting, queueing
from annotator.services.controls import without_drafts as bring_anyway
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db


def controls(*states: PairState) -> int:
    return Pair.objects.filter(arm=Arm.CONTROL).in_state(*states).count()


def wait(time: timedelta) -> None:
    """All that is ready has been so for that long."""
    Pair.objects.in_state(PairState.READY).update(state_since=timezone.now() - time)


def test_a_teams_first_pair_waits_for_the_first_draft():
    project = factories.make_project(control_share=0.5)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20))
    anna = factories.make_member(project, Role.ANNOTATOR)
    batch = drafting.take_batch(project)

    early = queueing.claim(project=project, person=anna, stage=Stage.REVIEW)
    drafted = [
        DraftResult(key=r.key, text=factories.better(r.text)) for r in batch.requests
    ]
    drafting.store(coach_id=batch.coach.pk, results=drafted[:1])

    assert controls(PairState.READY) > 0
    assert early is None
    assert factories.claim(project, anna)


def test_a_first_draft_that_takes_minutes_is_not_waited_for():
    project = factories.make_project(control_share=0.5)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20))
    anna = factories.make_member(project, Role.ANNOTATOR)
    drafting.take_batch(project)

    wait(controls_module.FIRST_DRAFTS)

    assert factories.claim(project, anna).pair.arm == Arm.CONTROL


def test_a_team_that_has_begun_waits_for_no_draft():
    project = factories.make_project(control_share=0.5)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20))
    first, second = (
        factories.make_member(project, Role.ANNOTATOR, name) for name in "ab"
    )
    drafting.take_batch(project)
    wait(controls_module.FIRST_DRAFTS)
    factories.claim(project, first)
    wait(timedelta(0))

    assert factories.claim(project, second).pair.arm == Arm.CONTROL


def test_a_thousand_pairs_behind_a_dead_engine_leave_the_control_pairs_free():
    project = factories.make_project(control_share=0.1)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(1000))
    while drafting.take_batch(project):
        pass
    people = [
        factories.make_member(project, Role.ANNOTATOR, name) for name in "abcdefgh"
    ]
    first = controls(PairState.READY)
    wait(controls_module.FIRST_DRAFTS)

    held = [factories.claim(project, person) for person in people]
    drafting.take_batch(project)

    in_flight = Pair.objects.in_state(PairState.DRAFTING).count()
    assert in_flight > 32
    assert first > 0
    assert all(lease.pair.arm == Arm.CONTROL for lease in held)
    assert controls(PairState.READY) > 0


def test_without_a_coach_control_pairs_are_ready_all_the_same():
    project = factories.make_project(control_share=0.5)
    factories.import_rows(project, factories.rows(20))

    batch = drafting.take_batch(project)

    assert batch is None
    assert controls(PairState.QUEUED) == 0
    assert Pair.objects.filter(arm=Arm.COACHED, state=PairState.QUEUED).exists()


def test_without_a_broker_people_find_the_control_pairs_themselves():
    project = factories.make_project(control_share=0.2)
    factories.import_rows(project, factories.rows(100))
    anna = factories.make_member(project, Role.ANNOTATOR)

    lease = queueing.claim(project=project, person=anna, stage=Stage.REVIEW)

    assert lease.pair.arm == Arm.CONTROL


def test_neither_arm_is_served_earlier_while_the_engine_keeps_up():
    project = factories.make_project(control_share=0.5, drafts_ahead=10)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(60))

    factories.draft_all(project)

    ready = Pair.objects.in_state(PairState.READY).values_list("pk", flat=True)
    queued = Pair.objects.in_state(PairState.QUEUED).values_list("pk", flat=True)
    assert len(ready) == 10
    assert max(ready) < min(queued)


@pytest.fixture
def waiting():
    """A project without a coach, whose pairs wait for drafts."""
    project = factories.make_project()
    factories.import_rows(project, factories.rows(9))
    return project, factories.make_member(project, Role.ANNOTATOR)


def silence(name):
    """The part was heard once, and is not any more."""
    for part in parts.NAMES:
        Part.objects.update_or_create(name=part, defaults={"heard_at": timezone.now()})
    Part.objects.filter(name=name).update(heard_at=timezone.now() - timedelta(hours=1))
    cache.clear()


def test_people_work_without_drafts_while_there_is_no_coach(waiting):
    project, person = waiting
    assert queueing.claim(project=project, person=person, stage=Stage.REVIEW) is None

    brought = bring_anyway(project=project, person=person)
    lease = factories.claim(project, person)

    assert (brought, lease.draft, lease.pair.arm) == (4, None, Arm.COACHED)
    assert Pair.objects.in_state(PairState.QUEUED).count() == 5


def test_a_coach_that_comes_back_drafts_what_nobody_has_opened(waiting):
    project, person = waiting
    bring_anyway(project=project, person=person)
    lease = factories.claim(project, person)

    factories.make_coach(project)
    factories.draft_all(project)

    undrafted = Pair.objects.filter(draft=None)
    assert [pair.pk for pair in undrafted] == [lease.pair_id]


def test_while_drafts_come_nobody_goes_past_them(waiting):
    project, person = waiting
    factories.make_coach(project)

    with pytest.raises(Invalid, match="drafting"):
        bring_anyway(project=project, person=person)

    assert not Pair.objects.in_state(PairState.READY).exists()


@pytest.mark.parametrize("part", ["app", "engine"])
def test_people_work_without_drafts_while_the_coachs_worker_is_silent(waiting, part):
    project, person = waiting
    factories.make_coach(project)
    silence(part)

    assert bring_anyway(project=project, person=person) == 4
    cache.clear()


def test_only_who_may_review_works_without_drafts(waiting):
    project, _ = waiting
    stranger = factories.make_member(factories.make_project(slug="other"), Role.ADMIN)

    with pytest.raises(NotAllowed):
        bring_anyway(project=project, person=stranger)
