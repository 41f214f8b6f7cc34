"""Coaches of two base models beside each other: trained, measured, drafting, back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import Draft
from annotator.selectors import backbones
from annotator.services import (
    comparing_backbones,
    drafting,
    promoting,
    snapshotting,
)
from revision_engine.tasks import generate_drafts
from revision_engine.types import DraftResult
from tests import factories, world
from tests.tiny_model import make_tiny_model
from training.models import CoachVersion, TrainingRun
from training.selectors import active_coach
from training.services import launching

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
SHAPE = {"rank": 2, "lora_alpha": 4, "precision": "fp32"}


def drafts_of(project, coach: CoachVersion) -> set[str]:
    """Have the active coach draft a batch; what the real engine wrote."""
    batch = drafting.take_batch(project)
    assert batch
    assert batch.coach == coach
    asked = [request.as_dict() for request in batch.requests]
    written = generate_drafts(coach.ref.as_dict(), asked)
    results = [DraftResult.from_dict(each) for each in written]
    drafting.store(coach_id=coach.pk, results=results)
    return {each.raw_output for each in results}


def test_a_coach_of_another_base_is_trained_promoted_and_rolled_back(
    settings, tmp_path: Path, client
):
    world.prepare(settings, tmp_path)
    settings.HELD_OUT_SHARE = 0.5
    other = str(make_tiny_model(tmp_path / "other", seed=9))
    settings.BASE_MODELS = [other]
    project = factories.make_project()
    first = world.first_coach(settings, project)
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    factories.import_rows(project, factories.rows(20, revised=True))
    plan = snapshotting.plan_for(
        project, selection="all", epochs=1, base_model=other, **SHAPE
    )
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    coach = run.coach
    evaluation = coach.evaluations.get()
    assert (run.parent, coach.base_model, first.base_model) == (
        None,
        other,
        settings.BASE_MODEL,
    )
    papers = Path(settings.COACH_STORE) / coach.adapter / "manifest.json"
    assert json.loads(papers.read_text())["config"]["precision"] == "fp32"
    # Both were measured on the same pairs, and losses of other tokens do not compare.
    assert evaluation.current == first
    assert evaluation.figures.filter(name="chrF", side="difference").exists()

    factories.import_rows(project, factories.rows(40)[20:28])
    one = drafts_of(project, first)
    promoting.promote(project=project, actor=ada, coach=coach, reason="I read it.")
    two = drafts_of(project, coach)
    back = promoting.roll_back(project=project, actor=ada)

    assert one != two
    assert Draft.objects.filter(coach=coach).exists()
    assert active_coach(project.scope) == back.coach == first
    comparison = comparing_backbones.request(
        project=project, actor=ada, coaches=[first.pk, coach.pk], base_models=[other]
    )
    comparing_backbones.carry_out(comparison.pk)
    comparison.refresh_from_db()
    assert (comparison.state, comparison.problem) == ("done", "")
    measured = backbones.board(comparison).backbones
    # The evaluation of the new coach has drafts of both on all these pairs.
    assert [each.reused for each in measured] == [
        each.done for each in measured[:2]
    ] + [0]
    assert all(each.tokens_per_second and each.row.memory for each in measured)
    page = client.get(reverse("coaches", args=["demo"])).content.decode()
    assert first.name in page
    assert coach.name in page
