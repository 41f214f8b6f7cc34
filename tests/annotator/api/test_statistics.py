"""The API tells what the pages of figures show."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from annotator.selectors import drift
from annotator.selectors.reports import weekly
from annotator.services import drifting
from tests import factories, generations, weeks

pytestmark = pytest.mark.django_db
HOME = "/api/projects/demo/"


@pytest.fixture
def project(client):
    project, _ann, lea = weeks.worked()
    client.force_login(lea)
    return project


def told(client, address: str):
    answer = client.get(HOME + address)
    assert answer.status_code == 200, answer.content
    return answer.json()


def send(client, address: str, **what: object):
    return client.post(address, json.dumps(what), content_type="application/json")


def test_a_report_is_whole(client, project):
    listed = told(client, "reports/")
    found = told(client, f"reports/{listed['weeks'][0]['week']}/")

    assert found["week"] == "2026-W40"
    assert found["zone"] == "UTC"
    assert found["steps"][3] == {"name": "reviewed", "week": 3, "before": 2, "total": 5}
    assert found["people"][0]["username"] == "ann"
    assert found["reasons"] == [{"reason": "style", "week": 1, "before": 0}]
    assert found["coaching"]["promotions"] == []
    assert found["now"] is None
    assert found["looks"] == []


def test_promotions_runs_and_alarms_of_this_week_are_told(client):
    project = factories.make_project()
    generations.three(project)
    drifting.check(project)
    client.force_login(factories.make_member(project, Role.LEAD))
    found = told(client, f"reports/{weekly.this_week()}/")["coaching"]

    ways = [each["way"] for each in found["promotions"]]
    assert ways == ["", "overruled", "overruled"]
    assert [each["outcome"] for each in found["decisions"]] == ["hold", "hold"]
    assert {each["against"] for each in found["alarms"]} == {"reference", "before"}


@pytest.mark.parametrize("week", ["2025-W53", "2999-W01", "week"])
def test_there_is_no_such_week(client, project, week):
    assert client.get(f"{HOME}reports/{week}/").status_code == 404
    assert client.get(f"{HOME}reports/?until={week}x").status_code == 422


def test_drift_is_told_and_acknowledged(client):
    project = factories.make_project()
    _first, second, _third = generations.three(project)
    drifting.check(project)
    client.force_login(factories.make_member(project, Role.ADMIN))

    found = told(client, "stats/drift/")
    alarm = drift.standing(project)[0]
    one = f"{HOME}stats/drift/alarms/{alarm.pk}/"
    answer = send(client, one, note="Seen.")
    refused = send(client, one, note="")
    chosen = send(client, f"{HOME}stats/drift/reference/", coach=second.pk)

    assert found["check"]["pairs"] == 35
    assert [each["number"] for each in found["generations"]] == [1, 2, 3]
    assert len(found["fixed"]) == 27
    assert answer.json()["note"] == "Seen."
    assert (refused.status_code, chosen.status_code) == (400, 201)


def test_batches_and_drafts_are_counted(client, project):
    (batch,) = told(client, "batches/")

    assert (batch["imported"], batch["accepted"], batch["excluded"]) == (12, 2, 0)

    client.force_login(factories.make_member(project, Role.ADMIN))

    assert told(client, "coaches/")["drafts"]["written"] == 12


def test_everybody_sees_their_own_day(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR, "new"))

    assert told(client, "today/")["reviews"] == 0


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_figures_of_others_are_for_leads(client, project, role):
    client.force_login(factories.make_member(project, role))

    for address in ("stats/", "stats/drift/", "reports/", "reports/2026-W40/"):
        assert client.get(HOME + address).status_code == 403
    for address in ("stats/drift/alarms/1/", "stats/drift/reference/"):
        assert client.post(HOME + address).status_code == 403


def test_a_lead_does_not_choose_the_reference(client, project):
    assert client.post(f"{HOME}stats/drift/reference/").status_code == 403
