"""Whatever the API refuses, it says in JSON: a code and a sentence."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.api import views
from annotator.domain.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
HOME = "/api/projects/demo/"
REWRITES = f"{HOME}rewrites/"


@pytest.fixture(autouse=True)
def lead(client):
    project = factories.make_project()
    factories.make_coach(project)
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def send(client, address: str, body: bytes | str):
    return client.post(address, body, content_type="application/json")


def refused(answer) -> tuple[int, str]:
    told = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert told["code"]
    assert told["detail"]
    return answer.status_code, told["detail"]


@pytest.mark.parametrize("address", [REWRITES, "/api/token/"])
def test_a_body_that_is_too_large_names_the_limit(client, address):
    row = {"instruction": "a" * 7_000, "output": "b"}
    body = json.dumps({"rows": [row] * 300})

    status, sentence = refused(send(client, address, body))

    assert status == 413
    assert "2,000,000 bytes" in sentence


@pytest.mark.parametrize("address", [REWRITES, "/api/token/"])
@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"rows": ' + "[" * 100_000, "nested too deeply"),
        ('{"rows": [', "not valid JSON"),
        (b'{"rows": "\xff"}', "UTF-8"),
        ('{"rows": ' + "9" * 5000 + "}", "not valid JSON"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(client, address, body, named):
    status, sentence = refused(send(client, address, body))

    assert status == 400
    assert named in sentence


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/nowhere/", 404),
        ("/api/projects/demo/nowhere/", 404),
        ("/api/projects/other/progress/", 404),
        (f"{HOME}batches/999/", 404),
        (f"{HOME}runs/", 403),
    ],
)
def test_an_address_that_does_not_exist_or_is_closed(client, address, status):
    assert refused(client.get(address))[0] == status


def test_a_fault_is_json_too(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(views.progress, "funnel", lambda _: 1 / 0)

    assert refused(client.get(f"{HOME}progress/"))[0] == 500


def test_who_is_not_signed_in_is_told_so(client):
    client.logout()

    assert refused(client.get(f"{HOME}progress/"))[0] in (401, 403)


def test_a_method_or_kind_that_is_not_taken(client):
    assert refused(client.delete(REWRITES))[0] == 405
    assert refused(send(client, f"{HOME}batches/", "{}"))[0] == 415


def test_fields_that_are_wrong_are_named(client):
    answer = send(client, REWRITES, json.dumps({"rows": 3, "coach": "x"}))

    status, sentence = refused(answer)

    assert status == 400
    assert "rows: " in sentence
    assert "coach: " in sentence
    assert set(answer.json()["fields"]) == {"rows", "coach"}


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 zip", b"[]", b" ", "[]".encode("utf-16")]
)
def test_a_file_of_no_use_is_refused_as_a_whole(client, content):
    file = SimpleUploadedFile("a.jsonl", content)

    status, sentence = refused(client.post(f"{HOME}batches/", {"file": file}))

    assert status == 422
    assert "a.jsonl" in sentence


def test_pages_stay_pages(client):
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
