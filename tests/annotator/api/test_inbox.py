"""The inbox of the API: the same notices, and nobody else's."""

from __future__ import annotations

import pytest

from annotator.models import Notice
from annotator.services import commenting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def told(project, anna, lena):
    commenting.comment(pair=project.pairs.first(), author=lena, body="@anna look")
    return Notice.objects.get()


def test_it_lists_and_marks_ones_own(client, told, anna):
    client.force_login(anna)

    listed = client.get("/api/inbox/?unread=1").json()
    left = client.post(
        "/api/inbox/", {"ids": [told.pk]}, content_type="application/json"
    )

    assert [each["more"] for each in listed["results"]] == ["@anna look"]
    assert listed["next"] is None
    assert left.json() == {"unread": 0}
    assert client.get("/api/inbox/?unread=1").json()["results"] == []


def test_nobody_marks_the_news_of_others(client, told, lena):
    client.force_login(lena)

    client.post("/api/inbox/", {"until": told.pk}, content_type="application/json")

    told.refresh_from_db()
    assert told.read_at is None


@pytest.mark.parametrize(
    "body", [{}, {"ids": "all"}, {"ids": [True, "x"]}, {"until": -1}, {"until": 2**70}]
)
def test_what_cannot_be_meant_is_refused(client, told, anna, body):
    client.force_login(anna)

    answer = client.post("/api/inbox/", body, content_type="application/json")

    assert answer.status_code == 422
    told.refresh_from_db()
    assert told.read_at is None
