"""Drafts are kept ahead, stored once, and made anew by a better coach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState, QueueOrder
from annotator.models import Draft, Errand, Pair, Project
from annotator.services import drafting, placing, screening, taking_back
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db


def answers(batch):
    return [
        DraftResult(key=r.key, text=factories.better(r.text)) for r in batch.requests
    ]


def test_the_watermark_bounds_what_is_drafted_ahead():
    project = factories.make_project()
    project.drafts_ahead = 3
    project.save()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(10))

    factories.draft_all(project)

    assert factories.states(project).count(PairState.READY) == 3
    assert factories.states(project).count(PairState.QUEUED) == 7


def test_the_same_answer_stored_twice_is_one_draft():
    project = factories.make_project()
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(2))
    batch = drafting.take_batch(project)

    first = drafting.store(coach_id=coach.pk, results=answers(batch))
    second = drafting.store(coach_id=coach.pk, results=answers(batch))

    assert (first, second) == (2, 0)
    assert Draft.objects.count() == 2


def test_a_draft_that_never_came_is_taken_anew():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(2))
    drafting.take_batch(project)
    Errand.objects.update(sent_at=timezone.now() - timedelta(hours=1))

    requeued = taking_back.sweep()

    assert requeued == 2
    assert drafting.take_batch(project) is not None


def test_a_new_coach_redrafts_what_nobody_has_opened():
    project = factories.make_project()
    factories.make_coach(project, "old")
    factories.import_rows(project, factories.rows(2))
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    opened = factories.claim(project, anna).pair
    new = factories.make_coach(project, "new")

    factories.draft_all(project)

    unopened = Pair.objects.exclude(pk=opened.pk).get()
    opened.refresh_from_db()
    assert unopened.draft.coach == new
    assert opened.draft.coach.name == "old"


def test_the_control_arm_is_ready_without_a_draft():
    project = factories.make_project(control_share=0.5)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(30))

    factories.draft_all(project)

    control = Pair.objects.filter(arm=Arm.CONTROL)
    assert 5 < control.count() < 25
    assert not control.exclude(state=PairState.READY).exists()
    assert not control.exclude(draft=None).exists()


def test_without_a_coach_nothing_is_drafted():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(2))

    batch = drafting.take_batch(project)

    assert batch is None


def scored(batch) -> list[DraftResult]:
    """Answers that change each response more than the one before it."""
    return [
        DraftResult(
            key=r.key,
            text=replace(r.text, response=r.text.response + "!" * (number + 1)),
            mean_logprob=-0.1 * (number + 1),
        )
        for number, r in enumerate(batch.requests)
    ]


def drafted(**settings) -> Project:
    project = factories.make_project(**settings)
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(4))
    drafting.store(coach_id=coach.pk, results=scored(drafting.take_batch(project)))
    return project


def in_order(project: Project) -> list[int]:
    pairs = Pair.objects.filter(project=project).next_up()
    return [pair.draft.edit_chars for pair in pairs]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (QueueOrder.IMPORTED, [1, 2, 3, 4]),
        (QueueOrder.UNSURE, [4, 3, 2, 1]),
        (QueueOrder.LARGEST, [4, 3, 2, 1]),
        (QueueOrder.SMALLEST, [1, 2, 3, 4]),
    ],
)
def test_people_meet_pairs_in_the_projects_order(order, expected):
    project = drafted(queue_order=order)

    assert in_order(project) == expected


def test_a_change_of_order_moves_what_is_ready():
    project = drafted()
    project.queue_order = QueueOrder.LARGEST
    project.save()

    moved = placing.reorder(project)

    assert moved == 4
    assert in_order(project) == [4, 3, 2, 1]
    assert placing.reorder(project) == 0


def test_a_control_pair_is_placed_among_the_drafted_ones():
    project = drafted(queue_order=QueueOrder.LARGEST)
    lone = Pair.objects.filter(project=project).first()
    Pair.objects.filter(pk=lone.pk).update(draft=None, priority=0)

    placing.reorder(project)

    lone.refresh_from_db()
    assert lone.priority in {2, 3, 4}


def test_people_are_spared_what_the_coach_would_hardly_change():
    project = drafted(spare_below=0.06)

    spared = Pair.objects.filter(project=project).in_state(PairState.EXCLUDED)

    assert 0 < spared.count() < 4
    for pair in spared:
        length = len(pair.instruction) + len(pair.input) + len(pair.response)
        assert pair.draft.edit_chars < 0.06 * length
        assert pair.exclusion_reason == "hardly_changed"
        assert "changes" in pair.exclusion_note


def test_a_spared_pair_that_a_person_wants_is_not_spared_again():
    project = drafted(spare_below=0.9)
    lead = factories.make_member(project, Role.LEAD)
    pair = Pair.objects.filter(project=project).first()
    screening.overrule(pair=pair, actor=lead)
    batch = drafting.take_batch(project)

    drafting.store(coach_id=pair.draft.coach_id, results=scored(batch))

    pair.refresh_from_db()
    assert pair.state == PairState.READY


def test_a_draft_the_coach_failed_on_spares_nobody_the_pair():
    project = factories.make_project(spare_below=0.9)
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(1))
    [request] = drafting.take_batch(project).requests
    failed = DraftResult(key=request.key, text=request.text, problem="loop")

    drafting.store(coach_id=coach.pk, results=[failed])

    assert factories.states(project) == [PairState.READY]
