"""Drafts of another model are sent in as JSON."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from annotator.models import Pair
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    project = factories.make_project()
    factories.import_rows(project, [{"id": 7, "instruction": "a", "output": "b"}])
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def send(client, **body):
    address = "/api/projects/demo/drafts/"
    return client.post(address, json.dumps(body), content_type="application/json")


def test_a_draft_is_stored_and_offered(lead):
    answer = send(lead, model="parrot", drafts=[{"id": "7", "response": "  B.\r\n"}])

    assert answer.json() == {"stored": 1, "offered": 1, "unknown": []}
    assert Pair.objects.get().draft.response == "  B.\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"drafts": [{"id": "7", "response": "x"}]}, "model"),
        ({"model": "m", "drafts": []}, "drafts"),
        ({"model": "m", "drafts": [{"response": "x"}]}, "one of pair and id"),
        ({"model": "m", "drafts": [{"id": "7", "response": "x" * 20_001}]}, "20000"),
        ({"model": "m", "drafts": [{"id": "7", "response": "a\ud800"}]}, "response"),
    ],
)
def test_a_broken_draft_is_refused_with_its_field(lead, body, says):
    answer = send(lead, **body)

    assert answer.status_code in (400, 409, 422)
    assert says in json.dumps(answer.json())
    assert Pair.objects.get().draft is None
