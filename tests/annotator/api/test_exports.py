"""Exports over the API: ask, count, follow, fetch."""

from __future__ import annotations

import hashlib

import pytest

from annotator.domain.roles import Role
from annotator.models import Export
from annotator.services import exporting
from tests import exported_pairs, factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/exports/"
JSON = "application/json"


@pytest.fixture
def made(client):
    project, lead = exported_pairs.make()
    client.force_login(lead)
    return project, lead


def test_an_export_is_asked_for_followed_and_fetched(client, made):
    order = {"shape": "kto", "rejected": "raw", "file": "csv", "gzip": True}

    counted = client.post(f"{ADDRESS}count/", order, content_type=JSON)
    asked = client.post(ADDRESS, order, content_type=JSON)
    exporting.write(asked.json()["id"])

    assert counted.json() == {"pairs": 5}
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    address = f"{ADDRESS}{asked.json()['id']}/"
    found = client.get(address).json()
    assert (found["state"], found["rows"], found["is_there"]) == ("done", 10, True)
    assert found["asked"]["rejected"] == "raw"
    file = client.get(f"{address}file/")
    content = b"".join(file.streaming_content)
    assert hashlib.sha256(content).hexdigest() == found["sha256"]
    assert file["Content-Type"] == "application/gzip"
    assert client.get(ADDRESS).json()[0]["manifest"]["rows"] == 10


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"shape": "poem"}, "shape must be one of"),
        ({"form": "alpaca"}, "unknown in an export: form"),
        (["alpaca"], "An order is an object"),
        ({"batch": 12345}, "no batch 12345"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_in_a_sentence(
    client, made, order, said
):
    answer = client.post(ADDRESS, order, content_type=JSON)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert not Export.objects.exists()


def test_it_is_cancelled_and_written_anew(client, made):
    export = client.post(ADDRESS, {}, content_type=JSON).json()
    address = f"{ADDRESS}{export['id']}/"

    assert client.post(f"{address}cancel/").json()["state"] == "cancelled"
    assert client.get(f"{address}file/").status_code == 422
    assert client.post(f"{address}cancel/").status_code == 422
    assert client.post(f"{address}retry/").json()["state"] == "waiting"


def test_others_get_nothing(client, made):
    export = client.post(ADDRESS, {}, content_type=JSON).json()
    client.force_login(factories.User.objects.get(username="rosa"))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {}, content_type=JSON).status_code == 403

    other = factories.make_project(slug="other")
    client.force_login(factories.make_member(other, Role.LEAD, "leo"))

    assert client.get(ADDRESS).status_code == 404
    address = f"/api/projects/other/exports/{export['id']}/"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}file/").status_code == 404
