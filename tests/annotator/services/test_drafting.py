"""Drafts are kept ahead, stored once, and made anew by a better coach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState
from annotator.models import Draft, Pair
from annotator.services import drafting
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db


def answers(batch):
    return [
        DraftResult(pair_id=r.pair_id, text=factories.better(r.text))
        for r in batch.requests
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
    Pair.objects.update(state_since=timezone.now() - timedelta(hours=1))

    requeued = drafting.requeue_stale()

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
