"""An import tells what became of every row and column; revisions can be taken."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import Review
from tests import factories

pytestmark = pytest.mark.django_db
HOME = "/api/projects/demo/batches/"


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def lead(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))
    return client


def send(client, rows, **more):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    file = SimpleUploadedFile("a.jsonl", lines.encode())
    return client.post(HOME, {"file": file, **more})


def revised(count: int):
    return [
        row | {"Revised Instruction": "Say it.", "Revised Response": f"Better {n}."}
        for n, row in enumerate(factories.rows(count))
    ]


def decide(client, pk: int, **asked):
    address = f"{HOME}{pk}/revisions/"
    return client.post(address, json.dumps(asked), content_type="application/json")


def test_columns_remarks_and_bad_rows_are_in_the_answer(lead):
    rows = [*factories.rows(1), {"instruction": "a", "output": "b", "id": [1]}, {}]
    rows[0]["source"] = "forest"

    answer = send(lead, rows)

    told = answer.json()
    assert answer.status_code == 201
    assert told["extra_columns"] == {"source": 1}
    assert [remark["row"] for remark in told["remarks"]] == [2]
    assert [reject["row"] for reject in told["rejects"]] == [3]
    assert lead.get(f"{HOME}{told['id']}/").json() == told


def test_revisions_that_wait_are_listed_and_taken(lead, project):
    factories.import_rows(project, factories.rows(3))
    pk = send(lead, revised(3)).json()["id"]
    waiting = lead.get(f"{HOME}{pk}/revisions/?waiting=1").json()
    ids = [offered["id"] for offered in waiting]

    one = decide(lead, pk, take=[ids[0]])
    another = decide(lead, pk, leave=[ids[1]])
    rest = decide(lead, pk, take="all")

    assert [offered["response"] for offered in waiting][:1] == ["Better 0."]
    assert one.json() == {"accepted": 1, "kept": 0, "left": 0}
    assert another.json()["left"] == 1
    assert rest.json()["accepted"] == 1
    assert Review.objects.count() == 2
    assert lead.get(HOME).json()[0]["revisions_waiting"] == 0


@pytest.mark.parametrize(
    "asked", [{}, {"take": "some"}, {"take": []}, {"take": "all", "leave": "all"}]
)
def test_a_decision_that_is_none_is_refused(lead, project, asked):
    batch = factories.import_rows(project, factories.rows(1))

    assert decide(lead, batch.pk, **asked).status_code == 400


def test_what_is_decided_is_not_decided_again(lead, project):
    factories.import_rows(project, factories.rows(1))
    pk = send(lead, revised(1)).json()["id"]
    ids = [offered["id"] for offered in lead.get(f"{HOME}{pk}/revisions/").json()]
    decide(lead, pk, leave=ids)

    assert decide(lead, pk, take=ids).status_code == 422


def test_annotators_may_not(client, project):
    batch = factories.import_rows(project, factories.rows(1))
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    assert client.get(f"{HOME}{batch.pk}/").status_code == 403
    assert decide(client, batch.pk, take="all").status_code == 403
