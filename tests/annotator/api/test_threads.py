"""Comments by the API: the threads that the page shows, under its rules."""

from __future__ import annotations

import pytest

from annotator.models import Comment, Membership, Notice
from annotator.services import commenting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def pair(project):
    return project.pairs.first()


@pytest.fixture
def address(pair) -> str:
    return f"/api/projects/demo/pairs/{pair.pk}/threads/"


def post(client, address: str, **body):
    return client.post(address, body, content_type="application/json")


def test_a_thread_begins_on_a_passage_is_replied_to_and_listed(
    client, address, anna, lena
):
    client.force_login(anna)
    begun = post(client, address, body="@lena why?", field="response", quote="the word")
    client.force_login(lena)
    post(client, address, body="Because.", to=begun.json()["id"])

    [thread] = client.get(address).json()["threads"]

    assert begun.status_code == 201
    assert begun.json()["mentioned"] == ["lena"]
    assert (thread["field"], thread["quote"]) == ("response", "the word")
    assert [(each["by"], each["body"]) for each in thread["comments"]] == [
        ("anna", "@lena why?"),
        ("lena", "Because."),
    ]
    assert not thread["is_resolved"]


def test_the_names_that_can_be_mentioned_are_told(client, address, anna, lena):
    client.force_login(anna)

    assert client.get(address).json()["names"] == ["anna", "lena"]


def test_a_thread_is_resolved_and_reopened(client, address, anna, lena):
    client.force_login(anna)
    thread = post(client, address, body="why?").json()["id"]
    client.force_login(lena)

    resolved = client.post(f"{address}{thread}/resolve/").json()["threads"][0]
    reopened = client.post(f"{address}{thread}/reopen/").json()["threads"][0]

    assert (resolved["is_resolved"], resolved["resolved_by"]) == (True, "lena")
    assert (reopened["is_resolved"], reopened["resolved_by"]) == (False, None)


def test_looking_counts_as_reading(client, address, pair, anna, lena):
    commenting.comment(pair=pair, author=anna, body="@lena look")
    client.force_login(lena)

    client.get(address)

    assert Notice.objects.get().read_at is not None


def test_a_deed_that_is_sent_twice_is_said_once(client, address, anna):
    client.force_login(anna)
    deed = "0d4bca5c-6b8e-4a35-9df6-8a4c1d0d7f10"

    answers = [post(client, address, body="why?", deed=deed) for _ in range(2)]

    assert {answer.json()["id"] for answer in answers} == {Comment.objects.get().pk}


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "body"),
        ({"body": "  "}, 422, "empty"),
        ({"body": "x" * 5001}, 422, "5,000"),
        ({"body": "x", "field": "title"}, 422, "title"),
        ({"body": "x", "to": 10**9}, 404, ""),
        ({"body": "x", "to": "first"}, 400, "to"),
        ({"body": "x", "deed": "again"}, 400, "deed"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(
    client, address, anna, body, status, named
):
    client.force_login(anna)

    answer = post(client, address, **body)

    assert answer.status_code == status
    assert named in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_comment_of_another_pair_is_no_thread_here(client, project, address, anna):
    other = commenting.comment(pair=project.pairs.last(), author=anna, body="there")
    client.force_login(anna)

    assert post(client, address, body="here", to=other.pk).status_code == 404
    assert client.post(f"{address}{other.pk}/resolve/").status_code == 404


def test_a_reply_is_not_resolved(client, address, anna):
    client.force_login(anna)
    first = post(client, address, body="why?").json()["id"]
    reply = post(client, address, body="so", to=first).json()["id"]

    assert client.post(f"{address}{reply}/resolve/").status_code == 422


def test_outsiders_learn_nothing(client, address, anna):
    Membership.objects.filter(user=anna).delete()
    client.force_login(anna)

    assert client.get(address).status_code == 404
    assert post(client, address, body="x").status_code == 404
    client.logout()
    assert client.get(address).status_code in (401, 403)


def test_a_blind_judge_reads_no_names(client, project, pair, address, anna, rosa):
    review = factories.review(project, anna)
    commenting.comment(pair=review.pair, author=anna, body="mine")
    project.blind_author = True
    project.save()
    client.force_login(rosa)

    found = client.get(f"/api/projects/demo/pairs/{review.pair_id}/threads/").json()

    assert [each["by"] for each in found["threads"][0]["comments"]] == [None]
