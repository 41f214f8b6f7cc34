"""Runs and coaches over the API."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from tests import factories
from training.models import TrainingRun

pytestmark = pytest.mark.django_db
HOME = "/api/projects/demo/"


@pytest.fixture
def project():
    project = factories.make_project(retrain_after=5)
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(20, revised=True))
    return project


@pytest.fixture(autouse=True)
def ada(client, project):
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    return ada


@pytest.fixture
def post(client):
    def send(address, what=None):
        body = json.dumps(what or {})
        return client.post(HOME + address, body, content_type="application/json")

    return send


def test_a_run_is_previewed_started_watched_and_cancelled(client, post):
    asked = {"selection": "all", "epochs": 1, "control": "imported"}

    preview = post("runs/preview/", asked).json()
    run = post("runs/", asked).json()
    told = client.get(f"{HOME}runs/{run['id']}/").json()
    ended = post(f"runs/{run['id']}/cancel/").json()
    again = post(f"runs/{run['id']}/resume/").json()
    twice = post(f"runs/{run['id']}/resume/")

    assert preview["accepted"] == told["snapshot"]["offered"] == 20
    assert told["snapshot"]["query"] == {"control": "imported"}
    assert told["snapshot"]["selection"] == {"kind": "all"}
    assert (told["state"], told["config"]["epochs"], told["points"]) == (
        "queued",
        1,
        [],
    )
    assert (ended["state"], again["state"]) == ("cancelled", "queued")
    assert "is queued" in twice.json()["detail"]


def test_a_wrong_setting_is_named_and_nothing_starts(post):
    answer = post("runs/", {"epochs": "two"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "epochs" in answer.json()["detail"]
    assert not TrainingRun.objects.exists()


def test_coaches_are_listed_promoted_and_rolled_back(client, post, project):
    second = factories.make_coach(project, "second coach")

    listed = client.get(f"{HOME}coaches/").json()
    back = post("coaches/roll-back/", {"reason": "it loops"}).json()
    refused = post(f"coaches/{back['coach']}/promote/")
    one = client.get(f"{HOME}coaches/{second.pk}/").json()

    assert listed["active"] == second.pk
    assert [each["name"] for each in listed["coaches"]] == [
        "second coach",
        "first coach",
    ]
    assert (back["way"], back["reason"]) == ("rolled_back", "it loops")
    assert refused.json()["code"] == "not_promotable"
    assert (one["drafts"], one["people"]) == (0, [])


def test_the_schedule_is_told_and_paused(client, post):
    assert client.get(f"{HOME}schedule/").json()["due"]

    paused = post("schedule/", {"paused": True}).json()

    assert (paused["paused"], paused["due"], paused["collected"]) == (True, False, 20)
    assert post("schedule/", {"paused": "yes"}).status_code == 422


def test_an_annotator_sees_none_of_it(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    for address in ("runs/", "coaches/", "schedule/"):
        assert client.get(HOME + address).status_code == 403
