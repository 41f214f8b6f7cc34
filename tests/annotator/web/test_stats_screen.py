"""The dashboard says what the rows say, and each number leads to them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Review
from annotator.services import quality, reviewing, timing
from annotator.services.reviewing import Marks
from annotator.services.tallies import folding
from annotator.web import csv_files
from annotator.web.stats.board import Board
from annotator.web.stats.every_table import every_table
from annotator.web.stats.filters import StatsForm
from annotator.web.tables import as_csv
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project()
    coach = factories.make_coach(project, "coach <one>")
    factories.import_rows(project, factories.rows(8))
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    lena = factories.make_member(project, Role.LEAD, "lena")
    factories.review(project, anna)
    factories.review(project, ben)
    lease = factories.claim(project, anna)
    reviewing.submit(
        token=lease.token,
        person=anna,
        text=PairText(instruction="Explain.", response="Quite another answer."),
        marks=Marks(["response.safety"], {}),
    )
    for reason in ("", "style"):
        token = factories.claim(project, lena, Stage.QUALITY).token
        if reason:
            quality.send_back(token=token, person=lena, reason=reason)
        else:
            quality.accept(token=token, person=lena)
    Review.objects.update(active_seconds=100)
    Review.objects.filter(author=ben).update(active_seconds=3)
    return Project(project, coach)


class Project:
    def __init__(self, project, coach):
        self.row, self.coach = project, coach


@pytest.fixture
def page(client, project):
    lead = factories.make_member(project.row, Role.LEAD, "lead")
    client.force_login(lead)

    def page(query="", **headers):
        answer = client.get(f"/p/demo/stats/?{query}", headers=headers)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return page


@pytest.fixture
def table(client, page):
    def table(key, query=""):
        answer = client.get(f"/p/demo/stats/{key}.csv?{query}")
        return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))[1:]

    return table


def test_the_funnel_counts_each_step(table):
    found = {step: int(count) for step, count in table("funnel")}

    assert found == {
        "Imported": 8,
        "Excluded": 0,
        "Drafted by a coach": 8,
        "Reviewed": 3,
        "Sent back": 1,
        "Accepted": 1,
        "Exported": 0,
    }


def test_acceptance_effort_and_returns_are_told(table):
    assert table("acceptance")[0][:2] == ["As is", "2"]
    assert table("acceptance")[2][:2] == ["Mostly rewritten", "1"]
    assert [row[1] for row in table("fields")] == ["1", "0", "1"]
    assert table("flaws")[0][:2] == ["Response: Safety", "1"]
    assert table("returns")[0][1:] == ["1", "100.0"]
    assert [row[0] for row in table("people")] == ["anna", "ben"]


def test_time_is_median_mean_and_outliers_by_number(table):
    found = {name: float(value) for name, value, _ in table("times")}

    assert found["Median"] == 100
    assert found["Mean"] == pytest.approx(203 / 3)
    assert found["Mean without the outliers"] == 100
    assert found["Under 5 s"] == 1
    assert found["Over 30 min"] == 0


def test_filters_narrow_every_figure(project, table):
    assert table("acceptance", "person=ben")[0][1] == "1"
    assert table("acceptance", f"coach={project.coach.pk}")[0][1] == "2"
    assert table("acceptance", "coach=0")[0][1] == "0"
    assert table("acceptance", "category=-")[0][1] == "2"
    assert table("acceptance", "until=2020-01-01")[0][1] == "0"
    assert table("acceptance", "days=7")[0][1] == "2"
    assert table("funnel", "person=anna")[0] == ["Reviewed", "2"]
    batch = project.row.batches.get().pk
    assert table("funnel", f"batch={batch}")[0] == ["Imported", "8"]


def test_a_week_at_the_edge_leads_to_the_days_that_were_asked_for(
    client, project, page
):
    page()
    since = timezone.localdate() - timedelta(days=2)
    answer = client.get(f"/p/demo/stats/?since={since}&until={timezone.localdate()}")
    found = answer.context["plots"]["acceptance"].table

    hrefs = [cell.href for row in found.rows for cell in row if cell.href]

    assert hrefs
    for href in hrefs:
        asked = dict(parse_qsl(href.partition("?")[2]))
        assert since.isoformat() <= asked["since"] <= asked["until"]
        assert asked["until"] <= timezone.localdate().isoformat()


def test_the_second_look_costs_few_queries(client, page, django_assert_max_num_queries):
    page()

    with django_assert_max_num_queries(32):
        client.get("/p/demo/stats/")


def test_a_filter_that_cannot_be_used_is_said_and_left_out(page, table):
    assert table("acceptance", "since=nonsense&coach=99999")[0][1] == "2"
    assert "Enter a valid date" in page("since=nonsense")


def test_each_number_leads_to_as_many_pairs(client, page):
    text = page()
    links = re.findall(r'<a[^>]*href="(/p/demo/pairs/\?[^"]+)"[^>]*>(.*?)</a>', text)
    checked = 0
    for address, inside in links:
        words = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", inside)
        number = re.search(r"(?<![\d.])(\d+)\s*$", words.strip())
        shown = client.get(address).context["rows"]
        if number and "decision" not in address:
            checked += 1
            assert len(shown) == int(number[1]), address
        else:
            assert client.get(address).context["form"].is_valid(), address

    assert checked > 15


def test_decisions_lead_to_their_pairs(client, page):
    page()
    for decision, count in (("accepted", 2), ("rewritten", 1), ("edited", 0)):
        answer = client.get(f"/p/demo/pairs/?decision={decision}")
        assert len(answer.context["rows"]) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("step=returned", 1),
        ("step=accepted&until=2020-01-01", 0),
        ("step=exported", 0),
        ("step=undrafted", 0),
        ("verdict=none", 1),
        ("verdict=returned&reason=style", 1),
        ("reason=unsafe", 0),
        ("field=instruction", 1),
        ("seconds_max=5", 1),
        ("seconds_min=1800", 0),
        ("by_coach=0", 0),
        ("since=2020-01-01", 3),
        ("category=-&state=ready", 6),
    ],
)
def test_pairs_are_found_by_what_a_figure_asks(client, page, query, count):
    page()  # fields are measured when the tallies are

    assert len(client.get(f"/p/demo/pairs/?{query}").context["rows"]) == count


def test_the_board_alone_answers_htmx_and_the_whole_page_the_back_button(page):
    part = page("person=anna", **{"HX-Request": "true"})
    back = page(
        "person=anna", **{"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )

    assert part.lstrip().startswith('<div class="stack" id="board"')
    assert "<!doctype html>" in back


def test_whoever_works_now_is_named(project, page):
    ben = project.row.memberships.get(user__username="ben").user
    lease = factories.claim(project.row, ben)
    timing.record_tick(token=lease.token, person=ben, stage=Stage.REVIEW, active=True)

    assert '<span class="state active">ben</span>' in page()


def test_a_page_that_is_behind_says_so(project, page, monkeypatch):
    page()
    monkeypatch.setattr(folding, "fold_if_quick", lambda project: None)
    anna = project.row.memberships.get(user__username="anna").user
    factories.review(project.row, anna)

    assert "newer work is being counted" in page()


def test_the_board_shows_no_more_and_no_less_than_the_page_has_as_csv(
    client, project, page
):
    lead = client.get("/p/demo/stats/")
    filters = StatsForm(project.row, lead.wsgi_request.GET).filters()
    found = every_table(Board.of(project.row, filters, ""))

    keys = set(re.findall(r"/stats/([\w-]+)\.csv", lead.content.decode()))

    assert keys == set(found)
    assert client.get("/p/demo/stats/nonsense.csv").status_code == 404


def test_csv_is_for_leads_only(client, project):
    client.force_login(factories.make_member(project.row, Role.REVIEWER, "rea"))

    assert client.get(reverse("stats-csv", args=["demo", "funnel"])).status_code == 403


def test_names_are_escaped(client, page):
    page()
    text = client.get("/p/demo/stats/").content.decode()

    assert "coach &lt;one&gt;" in text
    assert "coach <one>" not in text


def test_a_formula_is_a_text():
    heads, rows = [Head("a", "n")], [[Cell("=1+1")], [Cell(None)]]
    made = Table(caption="x", heads=heads, rows=rows)

    heads, *cells = csv_files.lines(*as_csv(made))
    assert heads == "\ufeffa (n)\r\n"
    assert cells == ["'=1+1\r\n", '""\r\n']


def test_an_empty_project_has_a_page(client):
    project = factories.make_project(slug="empty")
    client.force_login(factories.make_member(project, Role.LEAD, "lia"))

    answer = client.get("/p/empty/stats/")

    assert answer.status_code == 200
    assert "It cannot be told yet" not in answer.content.decode()


def test_the_api_tells_the_same(client, project, page):
    told = client.get("/api/projects/demo/stats/?person=anna").json()

    assert told["filters"]["person"] == "anna"
    assert told["total"]["reviews"] == 2
    assert told["total"]["times"]["median"] == 100
    assert told["steps"] is None
    whole = client.get("/api/projects/demo/stats/").json()
    assert whole["steps"]["imported"] == 8
    assert whole["states"]["accepted"] == 1
    assert whole["reasons"]["style"] == 1
    assert whole["forecast"]["reason"] == "too_short"


def test_the_api_refuses_a_filter_that_cannot_be_used(client, project, page):
    answer = client.get("/api/projects/demo/stats/?since=nonsense")

    assert answer.status_code == 400
    assert "since" in answer.json()["fields"]


def test_the_api_is_for_leads_only(client, project):
    client.force_login(factories.make_member(project.row, Role.REVIEWER, "rea"))

    assert client.get("/api/projects/demo/stats/").status_code == 403
