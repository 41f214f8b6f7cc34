"""Coaches tried over the API."""

from __future__ import annotations

import json

import pytest

from annotator.domain.roles import Role
from annotator.models import Audition, Pair
from annotator.services import auditioning
from revision_engine.types import DraftResult
from tests import factories
from training.selectors import active_coach

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/auditions/"


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(3))
    return project


@pytest.fixture(autouse=True)
def admin(client, project):
    client.force_login(factories.make_member(project, Role.ADMIN))


def post(client, what, address=ADDRESS):
    return client.post(address, json.dumps(what), content_type="application/json")


def test_a_draw_is_begun_watched_and_listed(client, project):
    coach = active_coach(project.scope)
    made = post(client, {"coaches": [coach.pk], "draw": 1})
    audition = Audition.objects.get()
    message = auditioning.take(audition.pk)
    results = [
        DraftResult(key=r.key, text=factories.better(r.text), new_tokens=9, seconds=0.5)
        for r in message.requests
    ]
    auditioning.store(audition_id=audition.pk, results=results)

    told = client.get(f"{ADDRESS}{audition.pk}/").json()

    assert made.status_code == 201
    assert made.json()["pairs"][0]["drafts"][0]["text"] is None
    assert (told["state"], told["done"], told["total"]) == ("done", 3, 3)
    assert told["coaches"][0]["tokens_per_second"] == 18
    draft = told["pairs"][0]["drafts"][0]
    assert draft["text"]["response"].endswith("It has a history, too.")
    assert [each["id"] for each in client.get(ADDRESS).json()] == [audition.pk]


@pytest.mark.parametrize(
    "subject",
    [
        lambda: {"pair": Pair.objects.first().pk},
        lambda: {"text": {"instruction": "Say hello.", "response": "Hello."}},
    ],
)
def test_one_pair_is_chosen_or_typed(client, project, subject):
    coach = active_coach(project.scope)

    made = post(client, {"coaches": [coach.pk], **subject()})

    assert made.status_code == 201
    assert made.json()["total"] == 1


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"coaches": []},
        {"coaches": [1]},
        {"coaches": [1], "draw": 1, "pair": 1},
        {"coaches": ["x"], "draw": 1},
        {"coaches": [1], "text": {"instruction": "a"}},
        {"coaches": [1], "text": "a"},
    ],
)
def test_what_is_no_order_is_refused_in_words(client, what):
    answer = post(client, what)

    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]
    assert not Audition.objects.exists()


def test_it_is_cancelled_once(client, project):
    coach = active_coach(project.scope)
    pk = post(client, {"coaches": [coach.pk], "draw": 1}).json()["id"]

    first = post(client, {}, f"{ADDRESS}{pk}/cancel/")
    second = post(client, {}, f"{ADDRESS}{pk}/cancel/")

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert second.status_code == 409


def test_a_lead_is_refused(client, project):
    client.force_login(factories.make_member(project, Role.LEAD))

    assert client.get(ADDRESS).status_code == 403
    assert post(client, {"coaches": [1], "draw": 1}).status_code == 403
