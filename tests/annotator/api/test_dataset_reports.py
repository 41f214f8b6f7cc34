"""Dataset reports over the API: ask, follow, read, delete."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import DatasetReport
from annotator.services import dataset_reporting
from tests import factories, judges

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/dataset-reports/"
JSON = "application/json"


@pytest.fixture(autouse=True)
def lead(client, monkeypatch):
    judges.use(monkeypatch)
    project = factories.make_project()
    factories.import_rows(project, factories.rows(5, revised=True))
    lead = factories.make_member(project, Role.LEAD, "lena")
    client.force_login(lead)
    return lead


def test_a_report_is_asked_for_followed_and_read(client):
    order = {"judges": ["length"], "threshold": 4, "seed": 3}

    asked = client.post(ADDRESS, order, content_type=JSON)
    dataset_reporting.make(asked.json()["id"])

    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    found = client.get(f"{ADDRESS}{asked.json()['id']}/").json()
    assert (found["state"], found["document"]["pairs"]) == ("done", 5)
    assert found["document"]["manifest"]["threshold"] == 4
    listed = client.get(ADDRESS).json()
    assert listed[0]["asked"]["seed"] == 3
    assert "document" not in listed[0]


def test_a_file_and_its_raw_side_are_sent_as_a_form(client):
    def file(name, word):
        rows = [{"instruction": "Say.", "output": f"{word} {n}"} for n in range(3)]
        return SimpleUploadedFile(name, json.dumps(rows).encode())

    asked = client.post(
        ADDRESS,
        {
            "file": file("new.json", "New"),
            "raw_file": file("raw.json", "Raw"),
            "judges": ["length", "short"],
        },
    )
    dataset_reporting.make(asked.json()["id"])

    report = DatasetReport.objects.get()
    assert report.order.judges == ("length", "short")
    files = report.document["manifest"]["source"]["files"]
    assert [each["name"] for each in files] == ["new.json", "raw.json"]


def test_steps_are_taken_and_refused(client):
    pk = client.post(ADDRESS, {}, content_type=JSON).json()["id"]
    address = f"{ADDRESS}{pk}/"

    assert client.delete(address).status_code == 422
    assert client.post(f"{address}cancel/").json()["state"] == "cancelled"
    assert client.post(f"{address}cancel/").status_code == 422
    assert client.post(f"{address}retry/").json()["state"] == "waiting"
    dataset_reporting.make(pk)
    assert client.delete(address).status_code == 204

    assert not DatasetReport.objects.exists()


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ([], "An order is an object"),
        ({"source": "moon"}, "source must be one of"),
        ({"judges": ["Solomon"]}, "there is no Solomon"),
        ({"judges": [["length"]]}, "judges"),
        ({"judges": 7}, "judges"),
        ({"file": "mine.json", "source": "file"}, "needs one"),
        ({"seed": {"a": 1}}, "seed must be a number"),
        ({"category": 7}, "category must be a text"),
    ],
)
def test_what_is_wrong_is_said(client, order, told):
    answer = client.post(ADDRESS, order, content_type=JSON)

    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert not DatasetReport.objects.exists()


def test_annotators_see_none(client, lead):
    project = lead.memberships.get().project
    pk = client.post(ADDRESS, {}, content_type=JSON).json()["id"]
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    assert client.get(ADDRESS).status_code == 403
    assert client.get(f"{ADDRESS}{pk}/").status_code == 403
    assert client.post(ADDRESS, {}, content_type=JSON).status_code == 403
