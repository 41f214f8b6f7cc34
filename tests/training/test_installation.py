"""Runs wait in their queue while what training needs is being installed."""

from __future__ import annotations

import os
import time

import psutil
import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.services import snapshotting
from annotator.web import stopped
from tests import factories
from training import installation
from training.installation import Installation, State
from training.models import TrainingRun
from training.services import launching, runs


@pytest.fixture
def tell(settings, tmp_path):
    settings.TRAINING_INSTALLATION = tmp_path / "training.json"

    def write(state: str, **values: object) -> None:
        now = time.time()
        told = Installation(
            state=state,
            began_at=now - 200,
            **{
                "holds": ("training",),
                "pid": os.getpid(),
                "birth": psutil.Process().create_time(),
                **values,
            },
        )
        settings.TRAINING_INSTALLATION.write_text(told.text())

    return write


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"state": "installing"}', '{"holds": 3}']
)
def test_a_file_that_is_cut_off_means_that_nobody_knows(tmp_path, content):
    (tmp_path / "training.json").write_text(content)

    assert installation.read(tmp_path / "training.json") is None


def test_an_up_that_is_gone_says_nothing(tell, settings):
    tell("installing", birth=1.0)

    assert installation.read(settings.TRAINING_INSTALLATION) is None


@pytest.fixture
def ada(client):
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20, revised=True))
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    return ada


@pytest.fixture
def run(ada):
    project = ada.memberships.get().project
    plan = snapshotting.plan_for(project)
    return snapshotting.start_run(project=project, actor=ada, plan=plan)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.INSTALLING, State.FAILED])
def test_a_run_that_is_asked_for_meanwhile_waits(run, tell, state):
    tell(state)

    assert runs.next_waiting() is None
    assert launching.carry_out(run.pk) is None

    run.refresh_from_db()
    assert run.state == TrainingRun.State.QUEUED
    tell(State.READY)
    assert runs.next_waiting() == run


@pytest.mark.django_db
def test_pages_and_programs_are_told_why_it_waits(client, run, tell):
    tell("installing", doing="torch (191.8 MB), 45 %")
    words = (
        "Training is being installed: 3 min so far (torch (191.8 MB), 45 %). "
        "Drafting works already."
    )

    for name, more in (("coaches", []), ("run", [run.pk]), ("run-prepare", [])):
        shown = client.get(reverse(name, args=["demo", *more])).content.decode()
        assert words in shown, name
    told = client.get(f"/api/projects/demo/runs/{run.pk}/").json()
    board = client.get("/api/projects/demo/coaches/").json()

    assert told["waits_for"] == words
    assert board["training"] == {"says": words, "state": "installing"}


@pytest.mark.django_db
def test_a_failure_is_told_with_what_to_do(client, ada, tell):
    tell("failed", cause="network", problem="x", tries_at=time.time())
    by_cause = client.get(reverse("coaches", args=["demo"])).content.decode()
    tell("failed", problem="torch fits no Python of this machine", tries_at=1.0)
    by_words = client.get(reverse("coaches", args=["demo"])).content.decode()

    assert "see that this machine reaches the package index. It is tried" in by_cause
    assert "./coachlm install does it at once" in by_cause
    assert "torch fits no Python of this machine. It is tried again" in by_words


@pytest.mark.django_db
def test_that_it_is_ready_is_told_for_an_hour(client, ada, tell):
    tell("ready", ended_at=time.time())
    now = client.get(reverse("coaches", args=["demo"])).content.decode()
    tell("ready", ended_at=time.time() - 3700)
    later = client.get(reverse("coaches", args=["demo"])).content.decode()
    told = client.get("/api/projects/demo/coaches/").json()

    assert "Training is ready, since" in now
    assert "Training is ready" not in later
    assert told["training"] is None


@pytest.mark.django_db
def test_a_worker_that_waits_for_it_is_not_told_as_one_that_stands_still(
    ada, tell, monkeypatch
):
    gone = [stopped.SilentPart(name, None) for name in ("engine", "training")]
    monkeypatch.setattr(stopped, "_gone", lambda: gone)
    project = ada.memberships.get().project
    tell("installing")

    told = stopped.told(project, ada, "coaches/index.html")

    assert [line.command for line in told.lines] == ["./coachlm worker engine"]


@pytest.mark.django_db
def test_a_backend_that_needs_the_same_packages_says_so(client, ada, tell):
    tell("installing", holds=("engine", "interactive", "training"))

    shown = client.get(reverse("coaches", args=["demo"])).content.decode()

    assert "Drafting needs the same packages here, and waits, too." in shown
