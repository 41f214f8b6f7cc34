"""A run that fails says why: as its process told it, else as honestly as it can."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.services import snapshotting
from tests import event_files, factories
from training.models import TrainingRun
from training.services import launching, runs
from training.services.following import StepFailed

pytestmark = [pytest.mark.process, pytest.mark.django_db]


@pytest.fixture
def project(settings):
    settings.TRAINING_RECIPE = "tests.dying_recipe"
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20, revised=True))
    return project


@pytest.mark.parametrize(
    ("way", "problem", "cause", "page"),
    [
        ("told", "The loss became nan at step 2.", "diverged", "Cause:"),
        ("unforeseen", "OSError: [Errno 28] No space left", "disk", "Cause:"),
        ("warned", "The process ended with code 1.", "", ""),
        ("SIGKILL", "The process was killed by signal 9", "", "Likely cause:"),
        ("SIGSEGV", "The process was ended by signal 11", "", ""),
    ],
)
def test_a_failed_run_says_why(client, project, monkeypatch, way, problem, cause, page):
    monkeypatch.setenv("DIES", way)
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert run.state == TrainingRun.State.FAILED
    assert run.problem.startswith(problem)
    assert run.cause == cause
    client.force_login(ada)
    shown = client.get(reverse("run", args=["demo", run.pk])).content.decode()
    assert (
        f"<strong>{page}</strong>" in shown if page else "ause:</strong>" not in shown
    )


def test_what_is_measured_is_drafted_by_the_engine_that_people_have(
    settings, project, monkeypatch
):
    settings.REVISION_BACKEND = "tests.echoes.EchoBackend"
    asked: list[list[str]] = []

    def stop(_) -> None:
        raise StepFailed("Far enough.")

    monkeypatch.setattr(launching, "_follow", lambda *given: asked.append(given[2]))
    monkeypatch.setattr(launching, "_report", stop)
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(project)

    launching.carry_out(
        snapshotting.start_run(project=project, actor=ada, plan=plan).pk
    )

    command = asked[-1]
    assert command[0] == launching.EVALUATION
    assert command[command.index("--backend") + 1] == "tests.echoes.EchoBackend"


def test_each_run_leaves_its_curves_as_event_files(settings):
    settings.TRAINING_RECIPE = "tests.quick_recipe"
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    project = factories.make_project()
    factories.import_rows(project, factories.rows(40, revised=True))
    ada = factories.make_member(project, Role.ADMIN)
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    found = event_files.scalars(runs.folder_of(run) / "tensorboard")
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    assert [step for step, _ in found["train/loss"]] == [1, 2, 3]
    assert found["held_out/loss"] == [(3, 0.75)]
    assert found["train/tokens_per_second"][0] == (1, 100.0)
    figure = run.coach.evaluations.get().figures.get(
        name="effort saved", side="", category=""
    )
    told = found["evaluation/effort_saved/compared"]
    assert told == [(3, pytest.approx(figure.value, abs=1e-6))]
