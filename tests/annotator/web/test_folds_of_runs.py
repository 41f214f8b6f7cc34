"""Folds of a run: asked for by page, API and terminal, with what they cost; watched."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.services import snapshotting
from tests import factories
from training import folds
from training.models import Evaluation, RunPoint, TrainingRun
from training.selectors import active_coach

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "preview"}
ASKED = {"selection": "all", "epochs": 1, "learning_rate": 0.001, "folds": 2}


@pytest.fixture
def project(monkeypatch):
    monkeypatch.setattr(folds, "FEWEST", 5)
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(40, revised=True))
    return project


@pytest.fixture(autouse=True)
def ada(client, project):
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    return ada


@pytest.fixture
def measured(project, ada):
    """A run that trained 6,000 tokens a minute, and an evaluation of a draft a
    second."""
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)
    step = {"step": 1, "epoch": 1, "loss": 1, "tokens": 100, "seconds": 1}
    run.points.create(kind=RunPoint.Kind.STEP, **step)
    TrainingRun.objects.update(state=TrainingRun.State.READY)
    Evaluation.objects.create(
        coach=active_coach(project.scope),
        held_out_sha256="0",
        examples=10,
        seconds=10.0,
    )


def preview(client, **asked) -> str:
    shown = client.get(reverse("run-prepare", args=["demo"]), asked, headers=HTMX)
    return " ".join(shown.content.decode().split())


@pytest.mark.usefixtures("measured")
def test_the_minutes_are_told_before_the_start(client, project):
    plan = snapshotting.plan_for(project, selection="all", epochs=1, folds=3)
    counted = snapshotting.preview(project, plan)
    minutes = 2 * counted.tokens / 6_000 + counted.cross_fitted / 60
    address = "/api/projects/demo/runs/preview/"
    asked = {"selection": "all", "epochs": 1, "folds": 3}

    told = client.post(address, asked, content_type="application/json").json()
    page = preview(client, **{**ASKED, "folds": 3})

    assert counted.cross_fitted == counted.selected > 0
    assert told["folds_minutes"] == pytest.approx(minutes)
    assert told["folds_too_small"] == ""
    assert "Folds take, on top, about" in page
    assert f"{counted.cross_fitted} drafts" in page
    assert "Folds take" not in preview(client, **{**ASKED, "folds": 0})


def test_before_anything_was_trained_here_no_minutes_are_made_up(client):
    shown = preview(client, **ASKED)
    assert shown.count("not known before the first run here") == 2


def test_folds_that_are_too_small_are_said_before_and_refused(client, monkeypatch):
    monkeypatch.setattr(folds, "FEWEST", 50)

    shown = preview(client, **ASKED)
    answer = client.post(reverse("run-new", args=["demo"]), ASKED)

    assert "too few for 2 folds" in shown
    assert answer.status_code == 422
    assert not TrainingRun.objects.exists()


def test_one_fold_is_none(client):
    answer = client.post(reverse("run-new", args=["demo"]), {**ASKED, "folds": 1})
    assert answer.status_code == 422
    assert "folds must be 0, or from 2 to 10" in answer.content.decode()


def test_the_form_queues_a_run_with_its_folds(client):
    client.post(reverse("run-new", args=["demo"]), ASKED)
    assert TrainingRun.objects.get().config["folds"] == 2


@pytest.mark.parametrize(
    ("stage", "said", "share"),
    [(3, ("2 of 3", "step 12 of 20"), 43), (4, ("2 of 3", "12 of 20 drafts"), 60)],
)
def test_a_run_that_cross_fits_says_how_far_it_is(client, ada, stage, said, share):
    client.post(reverse("run-new", args=["demo"]), {**ASKED, "folds": 3})
    TrainingRun.objects.update(
        state=TrainingRun.State.CROSS_FITTING,
        stage=stage,
        stage_done=12,
        stage_whole=20,
    )
    run = TrainingRun.objects.get()

    answer = client.get(reverse("run", args=["demo", run.pk]))
    told = client.get(f"/api/projects/demo/runs/{run.pk}/").json()

    shown = answer.content.decode()
    assert all(each in shown for each in (*said, "cross-fitting"))
    assert answer.context["share"] == share
    assert (told["stage"], told["stage_done"], told["stage_whole"]) == (stage, 12, 20)


def test_the_terminal_queues_a_run_and_tells_its_cost(capsys):
    call_command("train", "demo", folds=2, preview=True)
    told = capsys.readouterr().out
    nothing = TrainingRun.objects.count()
    call_command("train", "demo", folds=2)

    assert "Minutes of the folds, on top: not known" in told
    assert nothing == 0
    assert TrainingRun.objects.get().config["folds"] == 2


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [("nobody", 2, "no project nobody"), ("demo", 99, "from 2 to 10")],
)
def test_the_terminal_says_what_is_wrong(name, asked, said):
    with pytest.raises(CommandError, match=said):
        call_command("train", name, folds=asked)
