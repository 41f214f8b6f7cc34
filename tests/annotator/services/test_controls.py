"""Control pairs need no engine, so they wait for none."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState, Stage
from annotator.models import Pair
from annotator.services import drafting, queueing
from tests import factories

pytestmark = pytest.mark.django_db


def controls(*states: PairState) -> int:
    return Pair.objects.filter(arm=Arm.CONTROL).in_state(*states).count()


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
