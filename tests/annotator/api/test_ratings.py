"""Blind ratings over the API: order, follow, read, end, delete."""

from __future__ import annotations

import pytest

from annotator.domain.blind_ratings import Choice
from annotator.domain.roles import Role
from annotator.models import BlindRating
from tests import blind, factories, studies

pytestmark = pytest.mark.django_db
ADDRESS = "/api/projects/demo/ratings/"
JSON = "application/json"


@pytest.fixture
def report(client):
    report, lead = blind.made_report()
    client.force_login(lead)
    return report


def order(**given):
    return {"people": [*blind.RATERS], "texts": 2, **given}


def test_a_rating_is_ordered_followed_and_read(client, report):
    asked = client.post(ADDRESS, order(report=report.pk), content_type=JSON)
    rating = BlindRating.objects.get()
    blind.compared(rating, [dict.fromkeys(blind.RATERS, Choice.OTHER)] * 2)

    assert (asked.status_code, asked.json()["wanted"]) == (201, 6)
    assert client.get(ADDRESS).json()[0]["answers"] == 6
    found = client.get(f"{ADDRESS}{rating.pk}/").json()
    assert (found["report"], found["comparison"]["wr1"]["value"]) == (report.pk, 1)
    whole = client.get(f"/api/projects/demo/dataset-reports/{report.pk}/").json()
    assert whole["people"][0]["comparison"]["wins"] == 2
    ended = client.post(f"{ADDRESS}{rating.pk}/end/")
    assert ended.json()["ended_at"]
    assert client.delete(f"{ADDRESS}{rating.pk}/").status_code == 204
    assert client.get(ADDRESS).json() == []


def test_a_study_is_rated_by_its_number(client, report):
    study = studies.done(report.project, blind.person("lena"))

    asked = client.post(
        ADDRESS, order(study=study.pk, one="raw", other="base"), content_type=JSON
    )

    assert (asked.json()["one"], asked.json()["other"]) == ("raw", "base")
    whole = client.get(f"/api/projects/demo/model-studies/{study.pk}/").json()
    assert whole["people"][0]["answers"] == 0


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, 422, "Name a report or a study"),
        ({"report": "first"}, 422, "report must be a whole number"),
        ({"report": 987_654}, 404, ""),
        ({"study": 987_654}, 404, ""),
    ],
)
def test_an_order_that_cannot_be_says_what_is_wrong(
    client, report, given, status, said
):
    answer = client.post(ADDRESS, order(**given), content_type=JSON)

    assert answer.status_code == status
    assert said in answer.text
    assert not BlindRating.objects.exists()


def test_an_annotator_neither_orders_nor_reads(client, report):
    rating = blind.asked(report, blind.person("lena"))
    client.force_login(blind.person("rita"))

    answers = [
        client.get(ADDRESS),
        client.post(ADDRESS, order(report=report.pk), content_type=JSON),
        client.get(f"{ADDRESS}{rating.pk}/"),
        client.delete(f"{ADDRESS}{rating.pk}/"),
        client.post(f"{ADDRESS}{rating.pk}/end/"),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_another_projects_report_is_not_found(client, report):
    other = factories.make_member(
        factories.make_project(slug="third"), Role.ADMIN, "olga"
    )
    client.force_login(other)

    answer = client.post(
        "/api/projects/third/ratings/",
        {"people": ["olga"], "raters": 1, "report": report.pk},
        content_type=JSON,
    )

    assert answer.status_code == 404
