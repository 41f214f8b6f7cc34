"""The API's challenges: begun, watched and ended by admins alone."""

from __future__ import annotations

import pytest

from annotator.domain.roles import Role
from tests import factories, trials
from training.selectors import active_coach

pytestmark = pytest.mark.django_db
URL = "/api/projects/demo/challenges/"


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


def post(client, address, **sent):
    return client.post(address, sent, content_type="application/json")


def test_a_challenge_from_start_to_promotion(client, project):
    client.force_login(factories.make_member(project, Role.ADMIN))
    challenger = trials.make_challenger(project)

    begun = post(client, URL, coach=challenger.pk, share=0.3)
    one = f"{URL}{begun.json()['id']}/"
    told = client.get(one).json()
    ended = post(client, f"{one}end/", outcome="won", reason="Seen enough.")

    assert begun.status_code == 201
    assert told["share"] == 0.3
    assert told["verdict"]["code"] == "not_enough"
    assert told["counts"]["challenger"] == {"drafts": 0, "reviews": 0}
    assert ended.json()["outcome"] == "won"
    assert active_coach(project.scope) == challenger
    assert [row["outcome"] for row in client.get(URL).json()] == ["won"]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD])
def test_others_are_refused(client, project, role):
    challenge = trials.begin(project)
    client.force_login(factories.make_member(project, role))
    one = f"{URL}{challenge.pk}/"

    answers = [
        client.get(URL),
        client.get(one),
        post(client, URL, coach=challenge.challenger_id),
        post(client, f"{one}end/", outcome="won"),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_a_refusal_is_a_sentence(client, project):
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = post(client, URL, coach=active_coach(project.scope).pk)

    assert answer.status_code == 409
    assert answer.json()["code"] == "challenge_refused"
    assert "active coach itself" in answer.json()["detail"]
