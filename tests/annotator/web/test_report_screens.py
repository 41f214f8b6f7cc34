"""Weekly reports as pages, as PDF and as rows."""

from __future__ import annotations

import csv
import re

import pytest
from django.urls import reverse

from annotator.domain.roles import Role
from annotator.models import Project, Review, User
from annotator.selectors.reports import weekly
from tests import factories, weeks
from tests.annotator.formats.test_pdf import pages, words
from tests.weeks import WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client):
    project, _ann, lea = weeks.worked()
    client.force_login(lea)
    return project


def address(name: str, week: object = WEEK) -> str:
    return reverse(name, args=["demo", week])


def text(client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_weeks_are_listed_with_their_reports(client, project):
    shown = text(client, reverse("reports", args=["demo"]))

    assert address("report") in shown
    assert address("report-pdf") in shown
    assert "2026-W39" in shown


def test_a_report_has_its_numbers_and_their_rows(client, project):
    shown = text(client, address("report"))

    assert "Week 40 of 2026" in shown
    assert "days of the time zone UTC" in shown
    assert "so far" not in shown
    assert f"{address('report-rows')}?of=reviews" in shown
    assert "language, structure or tone" in shown
    assert 'aria-label="28 Sep: submitted 2, accepted 0, sent back 0"' in shown


def test_the_week_that_is_not_over_says_so(client, project):
    shown = text(client, address("report", weekly.this_week()))

    assert "So far: the week is not over." in shown


def test_names_of_people_are_escaped(client, project):
    User.objects.filter(username="ann").update(username="<b>ann</b>")

    shown = text(client, address("report"))

    assert "&lt;b&gt;ann" in shown
    assert "<b>ann" not in shown


def test_a_lead_is_not_sent_to_pages_they_may_not_open(client, project):
    shown = text(client, address("report"))

    for link in set(re.findall(r'href="(/p/demo/[^"#?]*)', shown)):
        assert client.get(link, follow=True).status_code == 200, link


def test_the_pdf_says_the_same(client, project):
    answer = client.get(address("report-pdf"))

    assert answer["Content-Type"] == "application/pdf"
    assert "demo-2026-W40.pdf" in answer["Content-Disposition"]
    told = words(answer.content)
    assert pages(answer.content) in {2, 3}
    for part in ("Week 40 of 2026", "3 reviews", "ann", "language, structure or tone"):
        assert part in told


def test_the_pdf_is_in_english_where_its_font_has_no_chinese(client, project):
    Project.objects.update(name="数据 \U0001f600")

    answer = client.get(address("report-pdf"), headers={"accept-language": "zh-CN"})

    told = words(answer.content)
    assert "Week 40 of 2026" in told
    assert "This PDF is in English" in told
    assert "?? ?" in told
    assert "each stands" in told


@pytest.mark.parametrize("of", ["reviews", "verdicts", "events"])
def test_the_rows_are_a_file(client, project, of):
    answer = client.get(address("report-rows"), {"of": of})

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert len(list(csv.DictReader(lines))) >= 2


def test_a_cell_is_no_formula(client, project):
    User.objects.filter(username="ann").update(username="=cmd")

    answer = client.get(address("report-rows"))

    assert b"'=cmd" in b"".join(answer.streaming_content)
    assert Review.objects.exists()


@pytest.mark.parametrize(
    "path", ["2025-W53/", "2026-W00.pdf", "2999-W01/", "2999-W01.pdf", "x/"]
)
def test_there_is_no_such_week(client, project, path):
    assert client.get(f"/p/demo/reports/{path}").status_code == 404
    assert client.get(f"{address('report-rows')}?of=secrets").status_code == 404


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
@pytest.mark.parametrize("name", ["report", "report-pdf", "report-rows"])
def test_reports_are_for_leads(client, project, role, name):
    client.force_login(factories.make_member(project, role))

    assert client.get(address(name)).status_code == 403
