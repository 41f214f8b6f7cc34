"""The tour of the house: from a file to a draft by the coach that learned from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import Draft, Pair
from annotator.services import handing_out, quality, snapshotting
from annotator.tasks import draft_next_batch, nudge
from tests import factories, world
from training.evaluation import metrics
from training.models import CoachVersion, TrainingRun
from training.services import evaluations, registry
from training.tasks import start_next_run

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


def test_a_pair_travels_from_import_to_a_draft_by_the_new_coach(
    settings, tmp_path: Path
):
    world.prepare(settings, tmp_path)
    project = factories.make_project()
    first = world.first_coach(settings, project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    rosa = factories.make_member(project, Role.REVIEWER)
    ada = factories.make_member(project, Role.ADMIN)

    with world.worker():
        # import, and a draft by the first coach
        given = factories.rows(20, revised=True)
        for row in given[12:]:
            for key in [key for key in row if key.startswith("Revised")]:
                del row[key]
        batch = factories.import_rows(project, given)
        assert batch.imported == 20
        nudge(draft_next_batch, project.pk)
        world.wait_for(lambda: Pair.objects.filter(state=PairState.READY).count() == 8)
        assert Draft.objects.filter(coach=first).count() == 8

        # review and quality control, by two people
        review = factories.review(project, anna)
        lease = factories.claim(project, rosa, Stage.QUALITY)
        quality.accept(token=lease.token, person=rosa)
        assert review.draft.adapter_sha256 == first.adapter_sha256

        # train, evaluate
        plan = snapshotting.plan_for(
            project,
            selection="all",
            epochs=1,
            rank=4,
            lora_alpha=8,
            batch_size=4,
            max_tokens=2000,
        )
        assert plan.parent == first
        run = snapshotting.start_run(project=project, actor=ada, plan=plan)
        nudge(start_next_run)
        ended = (TrainingRun.State.READY, TrainingRun.State.FAILED)
        world.wait_for(
            lambda: TrainingRun.objects.filter(pk=run.pk, state__in=ended).exists()
        )
        run.refresh_from_db()
        assert run.state == TrainingRun.State.READY, f"{run.problem}\n{run.log_tail}"
        assert run.points.filter(kind="step").count() == run.steps > 0
        second = CoachVersion.objects.get(run=run)
        assert second.adapter_sha256 != first.adapter_sha256
        evaluation = second.evaluations.get()
        assert evaluation.samples.count() == evaluation.examples > 0
        assert evaluation.figures.filter(
            name="effort saved", side="difference"
        ).exists()
        assert evaluation.current == first
        assert evaluation.outcome == "hold"  # a tiny coach, on a handful of pairs
        recounted = metrics.recount(evaluations.samples_of(evaluation))
        assert {(f.name, f.side, f.category): f.value for f in recounted} == {
            (f.name, f.side, f.category): f.value for f in evaluation.figures.all()
        }

        # promote: what nobody has opened is drafted anew
        registry.promote(coach=second, actor=ada, reason="it is better")
        nudge(draft_next_batch, project.pk)
        waiting = Pair.objects.filter(state=PairState.READY, opened=False)
        world.wait_for(lambda: waiting.filter(draft__coach=second).count() == 7)

    redrafted = waiting.first().draft
    assert redrafted.adapter_sha256 == second.adapter_sha256
    exported = list(handing_out.accepted_rows(project=project, actor=ada))
    assert len(exported) == 13
