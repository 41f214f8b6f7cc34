"""An adapter that came in is a coach, and drafts for nobody before its evaluation."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.services import (
    auditioning,
    challenging,
    exchanging,
    projects,
    promoting,
    rewriting,
    scheduling,
    snapshotting,
)
from annotator.services.promoting import NotPromoted
from tests import adapters, factories
from training.manifest import Manifest
from training.models import ActiveCoach, CoachVersion, SnapshotItem, TrainingRun
from training.selectors import active_coach, knowledge, usable_coaches
from training.services import launching, runs

pytestmark = pytest.mark.django_db
State = TrainingRun.State


@pytest.fixture(autouse=True)
def base(settings, tmp_path):
    settings.BASE_MODEL = str(adapters.make_base(tmp_path / "base"))
    return settings.BASE_MODEL


@pytest.fixture
def project():
    project = factories.make_project(wording="Be kind.")
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(60, revised=True))
    return project


def zipped(base, **changed):
    config = {"base_model_name_or_path": base, **changed.pop("config", {})}
    return adapters.zipped(adapters.files(config=config, **changed))


def take(project, ada, file, **more):
    return exchanging.take_in(project=project, actor=ada, file=file, **more)


def test_it_is_registered_with_a_run_that_only_measures(project, ada, base):
    coach = take(project, ada, zipped(base), name="From a friend")

    run = coach.run
    roles = set(run.snapshot.items.values_list("role", flat=True))
    assert (coach.name, coach.base_model, coach.wording) == (
        "From a friend",
        base,
        "Be kind.",
    )
    assert (run.state, run.trains) == (State.QUEUED, False)
    assert (run.config["rank"], run.config["lora_alpha"]) == (2, 4)
    assert roles == {SnapshotItem.Role.HELD_OUT}


def test_before_its_evaluation_it_drafts_for_nobody(project, ada, base):
    coach = take(project, ada, zipped(base))

    with pytest.raises(NotPromoted, match="came in and is not evaluated yet"):
        promoting.promote(project=project, actor=ada, coach=coach, reason="I like it")
    with pytest.raises(Invalid, match="no such coach"):
        rewriting.coach_for(project, coach.pk)
    with pytest.raises(Exception, match="is queued"):
        challenging.start(project=project, actor=ada, challenger=coach)
    assert coach not in usable_coaches(project.scope)
    assert active_coach(project.scope) != coach


def test_it_can_be_tried_before(project, ada, base):
    coach = take(project, ada, zipped(base))

    audition = auditioning.begin_draw(project=project, actor=ada, coaches=[coach.pk])

    assert auditioning.take(audition.pk).coach == coach


@pytest.mark.process
def test_the_worker_measures_it_and_then_it_may_be_promoted(
    project, ada, base, settings
):
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    # The first coach has no adapter to measure beside.
    ActiveCoach.objects.all().delete()
    coach = take(project, ada, zipped(base))

    run = launching.carry_out(coach.run.pk)

    assert (run.state, run.problem) == (State.READY, "")
    evaluation = coach.evaluations.get()
    assert evaluation.examples == run.snapshot.items.count()
    assert evaluation.outcome
    coach.refresh_from_db()
    promoting.promote(project=project, actor=ada, coach=coach, reason="I read it.")
    assert active_coach(project.scope) == coach
    assert rewriting.coach_for(project, coach.pk) == coach


def test_its_papers_tell_what_it_has_learned(project, ada, settings, tmp_path):
    """What goes out of one project comes into another, papers and all."""
    settings.BASE_MODEL = "SmolLM2-135M-Instruct"
    other = factories.make_project(slug="other")
    projects.adopt_shipped_coach(other)
    shipped = active_coach(other.scope)
    with exchanging.pack(project=other, actor=None, coach=shipped) as file:
        coach = take(project, ada, file)

    known = next(iter(_trained_on(shipped, settings)))
    assert coach.name == shipped.name
    assert coach.base_model == "SmolLM2-135M-Instruct"
    assert (coach.prompt, coach.wording) == (shipped.prompt, shipped.wording)
    assert coach.adapter_sha256 == shipped.adapter_sha256
    assert coach.adapter != shipped.adapter
    assert known + "0" * 48 in knowledge(coach)([known + "0" * 48])


def _trained_on(coach, settings):
    return Manifest.read(Path(settings.COACH_STORE) / coach.adapter).trained_on


def test_the_same_weights_come_in_once(project, ada, base):
    first = take(project, ada, zipped(base), name="Mine")
    runs.cancel(run=first.run)

    with pytest.raises(Invalid, match="weights of Mine"):
        take(project, ada, zipped(base))


def test_while_a_run_waits_no_adapter_comes_in(project, ada, base):
    take(project, ada, zipped(base))
    other = adapters.tensors(layer=adapters.LAYER)
    other = {name: 2 * values for name, values in other.items()}

    with pytest.raises(snapshotting.RunWaits, match="waits to be trained already"):
        take(project, ada, zipped(base, weights=other))

    assert CoachVersion.objects.filter(scope=project.scope).count() == 2


@pytest.mark.parametrize(
    ("changed", "more", "said"),
    [
        ({"weights": adapters.tensors(wide=16)}, {}, "8 × 8; the adapter is for 16"),
        ({"config": {"base_model_name_or_path": "org/other"}}, {}, "COACHLM_BASE_M"),
        ({}, {"base_model": "/etc"}, "COACHLM_BASE_MODELS allows more"),
        ({}, {"prompt": "coachlm-9"}, "prompt may be"),
        ({}, {"wording": "x" * 2_001}, "up to 2000 characters"),
        ({}, {"wording": "a\0b"}, "must be a text"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(project, ada, base, changed, more, said):
    with pytest.raises(Invalid, match=said):
        take(project, ada, zipped(base, **changed), **more)

    assert CoachVersion.objects.filter(scope=project.scope).count() == 1
    assert not TrainingRun.objects.exists()


def test_too_large_a_zip_names_the_setting(project, ada, base, settings):
    settings.ADAPTER_MOST_BYTES = 10

    with pytest.raises(Invalid, match="ADAPTER_MOST_BYTES"):
        take(project, ada, zipped(base))


def test_without_held_out_reviews_there_is_nothing_to_measure_it_on(ada, base, project):
    empty = factories.make_project(slug="empty")

    with pytest.raises(Invalid, match="nothing to evaluate a coach on"):
        take(empty, None, zipped(base))


def test_who_may_not_train_brings_nothing(project, base):
    lead = factories.make_member(project, Role.LEAD)

    with pytest.raises(NotAllowed):
        take(project, lead, zipped(base))


def test_the_schedule_counts_from_the_last_training(project, ada, base):
    before = scheduling.newly_accepted(project)
    take(project, ada, zipped(base))

    assert scheduling.newly_accepted(project) == before > 0


def upload(client, base, **more):
    file = SimpleUploadedFile("mine.zip", zipped(base).getvalue())
    return client.post(reverse("coach-upload", args=["demo"]), {"file": file, **more})


def test_it_comes_in_by_its_page_and_the_run_says_what_it_does(
    client, project, ada, base
):
    client.force_login(ada)

    answer = upload(client, base, name="From a friend")

    coach = CoachVersion.objects.get(name="From a friend")
    assert answer.url == reverse("run", args=["demo", coach.run_id])
    page = client.get(answer.url).content.decode()
    assert "From a friend came in as a file" in page
    own = client.get(reverse("coach", args=["demo", coach.pk])).content.decode()
    assert "It came in as a file" in own
    listed = client.get(reverse("coaches", args=["demo"])).content.decode()
    assert reverse("coach-upload", args=["demo"]) in listed
    assert "to be measured first" in listed
    assert reverse("coach-promote", args=["demo", coach.pk]) not in listed
    assert f'<option value="{coach.pk}"' not in listed


def test_what_is_refused_is_said_beside_the_file(client, project, ada, base):
    client.force_login(ada)
    file = SimpleUploadedFile("mine.zip", b"no zip")

    answer = client.post(
        reverse("coach-upload", args=["demo"]), {"file": file, "name": "Keep me"}
    )

    assert answer.status_code == 422
    assert "It is no zip that can be read" in answer.content.decode()
    assert 'value="Keep me"' in answer.content.decode()


def test_it_comes_in_by_the_api(client, project, ada, base):
    client.force_login(ada)
    address = "/api/projects/demo/coaches/"

    made = client.post(address, {"file": _sent(zipped(base)), "name": "Mine"})
    broken = client.post(address, {"file": _sent(io.BytesIO(b"x"))})
    lacking = client.post(address, {})

    told = client.get(f"/api/projects/demo/runs/{made.json()['run']}/").json()
    assert made.status_code == 201
    assert (told["trains"], told["coach"]["name"]) == (False, "Mine")
    assert broken.status_code == 422
    assert "no zip" in broken.json()["detail"]
    assert lacking.status_code == 400


def _sent(file):
    return SimpleUploadedFile("mine.zip", file.getvalue())


def test_it_comes_in_by_the_terminal(project, base, tmp_path, capsys):
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped(base).getvalue())

    call_command("import_adapter", "demo", str(path), "--name", "Mine")

    assert "Mine is here; run" in capsys.readouterr().out
    TrainingRun.objects.update(state=State.CANCELLED)
    with pytest.raises(CommandError, match="weights of Mine"):
        call_command("import_adapter", "demo", str(path))
    with pytest.raises(CommandError, match="no project gone"):
        call_command("import_adapter", "gone", str(path))


def test_papers_that_are_no_papers_are_refused(project, ada, base):
    papers = {"manifest.json": json.dumps({"format": 1}).encode()}
    given = adapters.files(config={"base_model_name_or_path": base}) | papers

    with pytest.raises(Invalid, match=r"manifest\.json: Missing or unknown"):
        take(project, ada, adapters.zipped(given))
