"""Model studies over the API: ask, follow, read, cancel, go on, delete."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import ModelStudy
from annotator.services import snapshotting
from tests import factories, studies

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/model-studies/"
JSON = "application/json"


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(30, revised=True))
    return project


@pytest.fixture(autouse=True)
def ada(project, client):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    client.force_login(ada)
    return ada


def test_a_study_is_asked_for_and_followed(client, project, ada):
    asked = client.post(ADDRESS, {"seeds": [3], "minutes": 9}, content_type=JSON)
    run = snapshotting.start_run(
        project=project, actor=ada, plan=snapshotting.plan_for(project)
    )

    found = client.get(f"{ADDRESS}{asked.json()['id']}/").json()

    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert found["asked"]["arms"] == ["raw", "revised"]
    assert (found["asked"]["seeds"], found["asked"]["minutes"]) == ([3], 9)
    assert found["waits_for_run"] == run.pk


def test_what_was_found_is_read(client, project, ada):
    study = studies.done(project, ada)

    found = client.get(f"{ADDRESS}{study.pk}/").json()
    (listed,) = client.get(ADDRESS).json()

    assert found["document"] == study.document
    assert (listed["done"], listed["total"]) == (10, 10)
    assert "document" not in listed


def test_a_test_set_is_sent_as_a_form(client):
    rows = "".join(f'{{"prompt": "Name the river {n}."}}\n' for n in range(12))
    file = SimpleUploadedFile("rivers.jsonl", rows.encode())

    client.post(ADDRESS, {"testset": file, "arms": ["human", "raw"], "seeds": [1, 2]})

    study = ModelStudy.objects.get()
    assert [str(arm) for arm in study.order.arms] == ["raw", "human"]
    assert (study.order.seeds, len(study.items)) == ((1, 2), 12)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"arms": ["raw"]}, "two or more"),
        ({"colour": "red"}, "unknown: colour"),
        ({"base_model": "someone/else"}, "COACHLM_BASE_MODELS"),
        ({"testset": "rivers.json"}, "has a name and a file"),
        ([], "An order is an object"),
    ],
)
def test_what_is_wrong_is_told(client, sent, told):
    answer = client.post(ADDRESS, json.dumps(sent), content_type=JSON)

    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert not ModelStudy.objects.exists()


def test_it_is_cancelled_gone_on_with_and_deleted(client):
    number = client.post(ADDRESS, {}, content_type=JSON).json()["id"]

    cancelled = client.post(f"{ADDRESS}{number}/cancel/").json()
    resumed = client.post(f"{ADDRESS}{number}/resume/").json()
    refused = client.delete(f"{ADDRESS}{number}/")
    client.post(f"{ADDRESS}{number}/cancel/")
    deleted = client.delete(f"{ADDRESS}{number}/")

    assert (cancelled["state"], resumed["state"]) == ("cancelled", "waiting")
    assert (refused.status_code, deleted.status_code) == (422, 204)
    assert not ModelStudy.objects.exists()


def test_a_lead_reads_and_an_annotator_does_not(client, project, ada):
    study = studies.done(project, ada)
    client.force_login(factories.make_member(project, Role.LEAD, "lena"))
    assert client.get(f"{ADDRESS}{study.pk}/").status_code == 200
    assert client.post(ADDRESS, {}, content_type=JSON).status_code == 403
    assert client.post(f"{ADDRESS}{study.pk}/resume/").status_code == 403
    assert client.delete(f"{ADDRESS}{study.pk}/").status_code == 403

    client.force_login(factories.make_member(project, Role.ANNOTATOR, "anna"))
    assert client.get(ADDRESS).status_code == 403
