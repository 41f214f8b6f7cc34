"""A run that learns preferences, by the real recipe, on a coach that is tiny."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.services import quality, reviewing, snapshotting
from tests import factories, world
from training import selectors
from training.manifest import Manifest
from training.models import TrainingRun
from training.services import launching, runs

pytestmark = [pytest.mark.model, pytest.mark.process, pytest.mark.django_db]


def test_it_goes_from_decisions_to_a_gated_coach(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    world.prepare(settings, tmp_path)
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    project = factories.make_project(quality_mode="all")
    first = world.first_coach(settings, project)
    factories.import_rows(project, factories.rows(40))
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    rosa = factories.make_member(project, Role.REVIEWER)
    for number in range(40):
        lease = factories.claim(project, anna)
        own = replace(lease.pair.text, response=f"A text of my own, number {number}.")
        reviewing.submit(token=lease.token, person=anna, text=own)
        token = factories.claim(project, rosa, Stage.QUALITY).token
        quality.accept(token=token, person=rosa)
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(project, learns="preferences", max_tokens=700)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    assert run.points.filter(kind="step").count() == run.steps > 2
    assert run.points.filter(kind="held_out").exists()
    evaluation = selectors.latest_evaluation(run.coach)
    assert (evaluation.current, bool(evaluation.outcome)) == (first, True)
    papers = Manifest.read(launching.brought(run.coach))
    assert papers.config["learns"] == "preferences"
    assert papers.config["start_from"] == first.adapter_sha256
    assert not (runs.folder_of(run) / "checkpoint.pt").exists()
