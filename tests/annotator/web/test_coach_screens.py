"""The coach pages, on rows as a finished run leaves them."""

from __future__ import annotations

import csv
import html

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.services import hearing, snapshotting
from revision_engine.types import CoachRef
from tests import adapters, factories
from training.models import (
    Evaluation,
    EvaluationFigure,
    EvaluationSample,
    RunPoint,
    TrainingRun,
)
from training.selectors import active_coach
from training.services import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project(retrain_after=30)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20, revised=True))
    return project


@pytest.fixture(autouse=True)
def ada(client, project):
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    return ada


@pytest.fixture
def ready(project, ada):
    """A run that has ended with a coach which the gate holds back."""
    return finished(project, ada)


def finished(project, ada, **asked) -> TrainingRun:
    plan = snapshotting.plan_for(project, **asked)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)
    for step in range(1, 4):
        run.points.create(
            kind=RunPoint.Kind.STEP,
            step=step,
            epoch=1,
            loss=2 / step,
            rate=1e-4,
            tokens=100,
            seconds=1,
        )
    run.state, run.step, run.steps = TrainingRun.State.READY, 3, 3
    run.save()
    ref = CoachRef(name="x", base_model="none", prompt="coachlm-1", wording="Improve.")
    coach = registry.register(scope=project.scope, ref=ref, run=run)
    evaluation = Evaluation.objects.create(
        coach=coach,
        current=active_coach(project.scope),
        outcome="hold",
        reasons=[
            {
                "code": "too_few_pairs",
                "sentence": "There are 3 held-out pairs.",
                "figure": "",
                "value": None,
                "low": None,
                "high": None,
                "more_pairs": 27,
            }
        ],
        held_out_sha256="0",
        examples=3,
        seconds=1,
    )
    for side, value in (("coach", 0.25), ("current", 0.125), ("difference", 0.125)):
        EvaluationFigure.objects.create(
            evaluation=evaluation,
            name="usable",
            side=side,
            value=value,
            low=value - 0.1,
            high=value + 0.1,
            unit="share of drafts",
            n=3,
        )
    EvaluationSample.objects.create(
        evaluation=evaluation,
        source_id="review:1",
        instruction="Say it.",
        response="<b>The new draft.</b>",
        distance_raw=9,
        distance_draft=4,
        raw={"instruction": "Say it.", "input": "", "response": "The raw answer."},
        expert={"instruction": "Say it.", "input": "", "response": "The expert's."},
        current={
            "draft": {"instruction": "", "input": "", "response": "The old draft."},
            "problem": "",
            "distance": 7,
        },
    )
    return run


def page(client, name, *args, **asked) -> str:
    answer = client.get(reverse(name, args=["demo", *args]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_button_starts_a_run_the_project_s_way(client, project):
    address = reverse("run-new", args=["demo"])

    answer = client.post(address)

    run = TrainingRun.objects.get()
    assert answer.url == reverse("run", args=["demo", run.pk])
    assert run.snapshot.selection == {"kind": "most_revised", "alpha": project.alpha}


def test_the_form_is_previewed_and_refused_by_field(client):
    htmx = {"HX-Request": "true", "HX-Target": "preview"}
    good = {"selection": "all", "epochs": 1, "learning_rate": 0.001, "rank": 4}
    address = reverse("run-prepare", args=["demo"])

    preview = client.get(address, good, headers=htmx).content.decode()
    bad = client.post(reverse("run-new", args=["demo"]), {**good, "rank": 0})

    assert "Accepted reviews found" in preview
    assert "the base model alone" in preview
    assert "<html" not in preview
    assert bad.status_code == 422
    assert "greater than or equal to 1" in bad.content.decode()
    assert not TrainingRun.objects.exists()


@pytest.fixture
def bases(settings, tmp_path):
    """The packaged model, a folder that is here, one that is not, and one of a hub."""
    here = adapters.make_base(tmp_path / "here")
    settings.BASE_MODELS = [str(here), str(tmp_path / "gone"), "someone/on-a-hub"]
    return here


def test_the_form_offers_the_base_models_that_can_be_had(client, bases, monkeypatch):
    shown = page(client, "run-prepare")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline = page(client, "run-prepare")

    assert f'value="{bases}"' in shown
    assert "someone/on-a-hub (fetched when the run starts)" in shown
    assert str(bases.with_name("gone")) not in shown
    assert "someone/on-a-hub" not in offline


def test_a_chosen_base_reaches_the_run(client, bases, project):
    asked = {
        "selection": "all",
        "epochs": 1,
        "learning_rate": 0.001,
        "base_model": "someone/on-a-hub",
        "base_revision": "v1.2",
        "precision": "fp32",
        "rank": 3,
        "lora_alpha": 6,
        "targets": "q_proj,up",
    }

    client.post(reverse("run-new", args=["demo"]), asked)

    config = TrainingRun.objects.get().config
    wanted = ("base_model", "base_revision", "precision", "rank", "lora_alpha")
    assert {name: config[name] for name in (*wanted, "targets")} == {
        name: asked[name] for name in (*wanted, "targets")
    }


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"precision": "4bit"}, "4-bit needs a CUDA GPU and the package bitsandbytes"),
        ({"targets": "q_proj,key"}, "no linear layer named key; it has q_proj"),
        ({"base_revision": "v1"}, "base_revision is a commit of a model on a hub"),
        ({"base_model": "else"}, "Select a valid choice"),
    ],
)
def test_what_cannot_work_is_refused_in_words(client, bases, asked, why):
    hearing.hear("training", 8_000_000_000, quantizes=False)
    usual = {"selection": "all", "epochs": 1, "learning_rate": 0.001}
    form = {**usual, "base_model": str(bases), **asked}

    answer = client.post(reverse("run-new", args=["demo"]), form)
    told = client.post(
        "/api/projects/demo/runs/", form, content_type="application/json"
    )

    assert answer.status_code == told.status_code == 422
    assert why in html.unescape(answer.content.decode())
    assert not TrainingRun.objects.exists()


def test_what_a_run_goes_on_from_gives_its_shape(client, project, monkeypatch):
    shaped = {"rank": 4, "lora_alpha": 8, "targets": "q_proj"}
    monkeypatch.setattr("training.selectors.shape", lambda coach: shaped)
    coach = registry.register(
        scope=project.scope,
        ref=CoachRef(
            name="came",
            base_model="SmolLM2-135M-Instruct",
            prompt="coachlm-2",
            wording="Improve.",
        ),
    )
    htmx = {"HX-Request": "true", "HX-Target": "preview"}
    asked = {"selection": "all", "epochs": 1, "learning_rate": 0.001, **shaped}
    address = reverse("run-prepare", args=["demo"])

    whole = page(client, "run-prepare")
    same = client.get(address, asked, headers=htmx).content.decode()
    other = client.get(address, {**asked, "rank": 9}).content.decode()
    afresh = {**asked, "rank": 9, "start": "base"}
    client.post(reverse("run-new", args=["demo"]), afresh)

    assert 'name="rank" value="4"' in whole
    assert f"Rank, scale and targets are those of {coach.name}" in same
    assert "9 needs a start from the base model" in html.unescape(other)
    run = TrainingRun.objects.get()
    assert (run.config["rank"], run.parent) == (9, None)


def test_the_preview_says_with_how_many_reviews_the_gate_can_decide(client, project):
    htmx = {"HX-Request": "true", "HX-Target": "preview"}
    address = reverse("run-prepare", args=["demo"])
    asked = {"selection": "all", "epochs": 1, "learning_rate": 0.001, "rank": 4}

    few = client.get(address, asked, headers=htmx).content.decode()
    factories.import_rows(project, factories.rows(100, revised=True)[20:])
    enough = client.get(address, asked, headers=htmx).content.decode()

    assert "From about 75 accepted reviews on there are enough" in few
    assert "learned by a later run" not in few
    assert "there are enough" not in enough
    assert "learned by a later run" in enough


def test_a_run_shows_both_coaches_beside_the_person_s_text_escaped(client, ready):
    shown = page(client, "run", ready.pk)

    for text in ("The raw answer.", "The old draft.", "The expert&#x27;s."):
        assert text in shown
    assert "&lt;b&gt;The new draft." in shown
    assert "About 27 more held-out pairs would tell." in shown
    assert "[2.5, 22.5]" in shown


def test_a_failed_run_says_what_to_do_and_is_resumed(client, ready):
    TrainingRun.objects.update(
        state="failed", problem="It was killed by signal 9.", log_tail="last words"
    )

    shown = page(client, "run", ready.pk)

    assert "It ran out of memory." in shown
    assert "last words" in shown

    client.post(reverse("run-resume", args=["demo", ready.pk]))

    ready.refresh_from_db()
    assert (ready.state, ready.problem, ready.step) == ("queued", "", 3)


def test_compared_runs_show_only_what_differs(client, project, ada, ready):
    other = finished(project, ada, rank=4)

    shown = page(client, "runs-compare", run=[ready.pk, other.pk])

    assert f"Run {other.pk}, training step" in shown
    assert ">rank<" in shown
    assert ">epochs<" not in shown


def test_the_gate_is_overruled_with_a_reason_only(client, project, ready):
    coach = ready.coach
    address = reverse("coach-promote", args=["demo", coach.pk])

    refused = client.post(address, {"reason": ""})
    done = client.post(address, {"reason": "We read its drafts."})

    assert refused.status_code == 409
    assert "The gate says hold" in refused.content.decode()
    assert done.status_code == 302
    assert active_coach(project.scope) == coach
    assert "We read its drafts." in page(client, "coaches")


def test_one_click_rolls_back(client, project, ready):
    before = active_coach(project.scope)
    registry.promote(coach=ready.coach, actor=None, reason="try")

    client.post(reverse("coach-roll-back", args=["demo"]))

    assert active_coach(project.scope) == before


def test_a_coach_names_its_rows_and_people(client, ready):
    shown = page(client, "coach", ready.coach.pk)
    answer = client.get(reverse("coach-rows", args=["demo", ready.coach.pk]))

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    table = list(csv.DictReader(lines))
    assert "imported revisions" in shown
    assert len(table) == ready.snapshot.items.count()
    assert {row["role"] for row in table} == {"train", "held_out"}
    assert all(row["pair"] for row in table)


def test_the_schedule_is_paused_and_resumed_on_the_page(client, project):
    assert "20 of 30" in page(client, "coaches")

    client.post(reverse("schedule-pause", args=["demo"]), {"paused": "1"})
    paused = page(client, "coaches")
    client.post(reverse("schedule-pause", args=["demo"]), {"paused": "0"})

    assert "no run starts by itself" in paused
    assert "Starts by itself when they are there." in page(client, "coaches")


def test_what_the_gate_decides_by_comes_first_and_unknown_figures_last(client, ready):
    for name in ("zest", "loop", "effort saved"):
        EvaluationFigure.objects.create(
            evaluation=ready.coach.evaluations.get(),
            name=name,
            side="coach",
            value=0.5,
            unit="share of drafts",
        )

    shown = page(client, "run", ready.pk)

    labels = ("Effort saved", "Usable drafts", "Drafts with a loop", "zest")
    places = [shown.index(f">{label}") for label in labels]
    assert places == sorted(places)
