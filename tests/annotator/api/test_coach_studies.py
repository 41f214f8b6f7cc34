"""Coach studies over the API: ask, follow, read, cancel, go on, delete."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from annotator.models import CoachStudy
from tests import coach_studies, factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/coach-studies/"
JSON = "application/json"
ASKED = {"kind": "size", "values": ["10", "20"], "seeds": [3], "measured": 6}


@pytest.fixture
def project():
    return coach_studies.filled()


@pytest.fixture(autouse=True)
def ada(project, client):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    client.force_login(ada)
    return ada


def test_a_study_is_asked_for_and_followed(client):
    asked = client.post(ADDRESS, {**ASKED, "minutes": 9}, content_type=JSON)

    found = client.get(f"{ADDRESS}{asked.json()['id']}/").json()

    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert found["asked"]["values"] == ["10", "20"]
    assert (found["done"], found["total"], found["asked"]["minutes"]) == (0, 2, 9)


def test_what_was_found_is_read(client, project, ada):
    study = coach_studies.shown(project, ada)

    found = client.get(f"{ADDRESS}{study.pk}/").json()
    (listed,) = client.get(ADDRESS).json()

    assert found["document"] == study.document
    assert (listed["name"], listed["done"]) == ("size", 6)
    assert "document" not in listed


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "kind must be one of"),
        ({"kind": "alpha", "values": ["2", "1"]}, "a share is above 0"),
        ({"kind": "size", "colour": "red"}, "unknown: colour"),
        ({"kind": "size", "base_model": "someone/else"}, "COACHLM_BASE_MODELS"),
        ([], "An order is an object"),
    ],
)
def test_what_is_wrong_is_told(client, sent, told):
    answer = client.post(ADDRESS, json.dumps(sent), content_type=JSON)

    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert not CoachStudy.objects.exists()


def test_it_is_cancelled_gone_on_with_and_deleted(client):
    number = client.post(ADDRESS, ASKED, content_type=JSON).json()["id"]

    cancelled = client.post(f"{ADDRESS}{number}/cancel/").json()
    resumed = client.post(f"{ADDRESS}{number}/resume/").json()
    refused = client.delete(f"{ADDRESS}{number}/")
    client.post(f"{ADDRESS}{number}/cancel/")
    deleted = client.delete(f"{ADDRESS}{number}/")

    assert (cancelled["state"], resumed["state"]) == ("cancelled", "waiting")
    assert (refused.status_code, deleted.status_code) == (422, 204)


def test_a_lead_reads_and_an_annotator_does_not(client, project, ada):
    study = coach_studies.shown(project, ada)
    client.force_login(factories.make_member(project, Role.LEAD, "lena"))
    assert client.get(f"{ADDRESS}{study.pk}/").status_code == 200
    assert client.post(ADDRESS, ASKED, content_type=JSON).status_code == 403
    assert client.delete(f"{ADDRESS}{study.pk}/").status_code == 403

    client.force_login(factories.make_member(project, Role.ANNOTATOR, "anna"))
    assert client.get(ADDRESS).status_code == 403
