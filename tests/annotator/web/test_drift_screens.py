"""The drift page, and the alarm at the top of the others."""

from __future__ import annotations

import csv

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.selectors import drift
from annotator.services import drifting
from tests import factories, generations

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    generations.three(project)
    drifting.check(project)
    return project


@pytest.fixture
def lead(client, project):
    lead = factories.make_member(project, Role.LEAD)
    client.force_login(lead)
    return lead


def page(client, name: str) -> str:
    answer = client.get(reverse(name, args=["demo"]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_on_which_pairs_and_against_whom(client, lead):
    shown = page(client, "drift")

    assert "35 held-out pairs have a draft of all 3 measured generations." in shown
    assert "interval of first coach, the reference" in shown
    assert "third coach beside earlier generations" in shown
    assert "in at most 5 % of the checks" in shown


def test_an_alarm_stands_on_the_overview_until_it_is_acknowledged(
    client, project, lead
):
    assert "drift-alarms" in page(client, "project")
    chosen = [alarm.pk for alarm in drift.standing(project)]

    refused = client.post(
        reverse("drift-acknowledge", args=["demo"]), {"alarm": chosen, "note": ""}
    )
    client.post(
        reverse("drift-acknowledge", args=["demo"]),
        {"alarm": chosen, "note": "<b>We roll back.</b>"},
    )

    assert refused.status_code == 422
    assert "drift-alarms" not in page(client, "project")
    assert "&lt;b&gt;We roll back." in page(client, "drift")
    assert drift.standing(project) == []


def test_annotators_see_no_alarm(client, project):
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    assert "drift-alarms" not in page(client, "project")


def test_admins_see_it_on_the_coaches_page_and_choose_the_reference(client, project):
    client.force_login(factories.make_member(project, Role.ADMIN))
    second = drift.drift(project).generations[1].coach

    assert "drift-alarms" in page(client, "coaches")
    client.post(reverse("drift-reference", args=["demo"]), {"coach": second.pk})
    drifting.check(project)

    assert "interval of second coach, the reference" in page(client, "drift")


def test_a_lead_does_not_choose_the_reference(client, lead):
    answer = client.post(reverse("drift-reference", args=["demo"]), {"coach": "1"})

    assert answer.status_code == 403


def test_the_drafts_behind_it_are_a_file(client, lead):
    answer = client.get(reverse("drift-rows", args=["demo"]))

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    assert {row["coach"] for row in rows} == {
        "first coach",
        "second coach",
        "third coach",
    }
    assert len(rows) == 3 * generations.PAIRS - 5


def test_before_anything_is_measured_it_says_so(client):
    project = factories.make_project(slug="new")
    client.force_login(factories.make_member(project, Role.LEAD))

    answer = client.get(reverse("drift", args=["new"]))

    assert "Nothing has been measured yet" in answer.content.decode()
