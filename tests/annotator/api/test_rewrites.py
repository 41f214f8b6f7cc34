"""Whole-dataset revision over the API."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import Rewrite
from tests import factories
from tests.annotator.services.test_rewriting import work

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/rewrites/"


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


@pytest.fixture(autouse=True)
def lead(client, project):
    lead = factories.make_member(project, Role.LEAD)
    client.force_login(lead)
    return lead


def post(client, what, address=ADDRESS):
    return client.post(address, json.dumps(what), content_type="application/json")


def test_rows_are_revised_watched_and_exported(client):
    made = post(client, {"rows": factories.rows(3), "name": "three"}).json()
    work(Rewrite.objects.get())

    told = client.get(f"{ADDRESS}{made['id']}/").json()
    export = client.get(f"{ADDRESS}{made['id']}/export/")

    lines = b"".join(export.streaming_content).decode().splitlines()
    assert (made["name"], made["state"], made["progress"]["left"]) == (
        "three",
        "running",
        3,
    )
    assert (told["state"], told["progress"]["sources"]["coach"]) == ("done", 3)
    assert [json.loads(line)["row"] for line in lines] == [1, 2, 3]
    assert export["X-Rows-Not-Done"] == "0"


def test_a_batch_or_a_file_will_do(client, project):
    batch = factories.import_rows(project, factories.rows(2))
    text = "".join(json.dumps(row) + "\n" for row in factories.rows(4))

    by_batch = post(client, {"batch": batch.pk}).json()
    file = {"file": SimpleUploadedFile("four.jsonl", text.encode())}
    by_file = client.post(ADDRESS, file).json()

    listed = [row["name"] for row in client.get(ADDRESS).json()]
    assert by_batch["progress"]["total"] == 2
    assert by_file["progress"]["total"] == 4
    assert listed == ["four.jsonl", batch.name]


def test_pause_resume_and_cancel(client):
    pk = post(client, {"rows": factories.rows(1)}).json()["id"]

    answers = [
        client.post(f"{ADDRESS}{pk}/{step}/")
        for step in ("pause", "resume", "cancel", "pause")
    ]

    assert [a.json().get("state") for a in answers[:3]] == [
        "paused",
        "running",
        "cancelled",
    ]
    assert (answers[3].status_code, answers[3].json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"batch": 1, "rows": []}, 400),
        ({"batch": 999}, 422),
        ({"rows": []}, 422),
        ({"rows": [{"instruction": "alone"}]}, 422),
        ({"rows": ["no object"]}, 422),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(client, asked, status):
    answer = post(client, asked)

    assert answer.status_code == status
    assert not Rewrite.objects.exists()


def test_another_projects_batch_is_none_of_this_one(client):
    other = factories.make_project(slug="other")
    batch = factories.import_rows(other, factories.rows(1))

    answer = post(client, {"batch": batch.pk})

    assert answer.status_code == 422


def test_annotators_may_not(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    assert post(client, {"rows": factories.rows(1)}).status_code == 403
