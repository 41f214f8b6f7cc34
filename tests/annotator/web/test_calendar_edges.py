"""Days and weeks at the calendar's edges are refused in words, never by a crash."""

from __future__ import annotations

import pytest

from annotator.domain.periods import FIRST_DAY, LAST_DAY
from annotator.domain.roles import Role
from annotator.domain.weeks import Week
from tests import factories

pytestmark = pytest.mark.django_db
DAYS = ["0001-01-01", "0001-12-31", "1969-12-31", "3000-01-01", "9999-12-31"]
NO_DAYS = ["2026-02-30", "0000-01-01", "10000-01-01", "9" * 400, "\u0663", "today"]
WEEKS = ["0001-W01", "0001-W02", "1969-W52", "3000-W02", "9999-W52", "9999-W53"]
NO_WEEKS = ["2026-W00", "2025-W53", "2026-W99", "0000-W01", "W1", "9" * 400 + "-W01"]
PAGES = {
    "/p/demo/pairs/": ("since", "until"),
    "/p/demo/stats/": ("since", "until"),
    "/p/demo/stats/people.csv": ("since", "until"),
    "/p/demo/stats/gain/": ("since", "until"),
    "/p/demo/stats/gain/cells.csv": ("since", "until"),
    "/p/demo/runs/prepare/": ("since", "until"),
    "/p/demo/quality/bulk/": ("until",),
}
APIS = {
    "/api/projects/demo/stats/": ("since", "until"),
    "/api/projects/demo/stats/gain/": ("since", "until"),
}


@pytest.fixture(autouse=True)
def ada(client):
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(6, revised=True))
    client.force_login(factories.make_member(project, Role.ADMIN))
    return project


@pytest.mark.parametrize("day", [*DAYS, *NO_DAYS, str(FIRST_DAY), str(LAST_DAY)])
@pytest.mark.parametrize("address", PAGES)
def test_no_day_breaks_a_page(client, address, day):
    for name in PAGES[address]:
        answer = client.get(address, {name: day})

        assert answer.status_code in {200, 404, 422}, (name, answer.status_code)


@pytest.mark.parametrize("day", [*DAYS, *NO_DAYS])
@pytest.mark.parametrize("address", APIS)
def test_the_api_refuses_such_a_day_by_name(client, address, day):
    for name in APIS[address]:
        answer = client.get(address, {name: day})

        assert answer.status_code == 400
        assert name in str(answer.json())


@pytest.mark.parametrize("day", DAYS)
def test_a_run_is_not_chosen_by_such_a_day(client, day):
    for name in ("since", "until"):
        sent = {name: day}
        address = "/api/projects/demo/runs/preview/"
        answer = client.post(address, sent, content_type="application/json")

        assert answer.status_code in {400, 409, 422}
        assert "day" in str(answer.json()) or name in str(answer.json())


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59:59Z", "x"])
def test_bulk_acceptance_until_such_a_moment_is_refused(client, moment):
    sent = {"threshold": -1, "until": moment}
    address = "/api/projects/demo/quality/bulk/"

    answer = client.post(address, sent, content_type="application/json")

    assert answer.status_code == 400
    assert "until" in str(answer.json())


@pytest.mark.parametrize("week", [*WEEKS, *NO_WEEKS])
def test_such_a_week_has_no_report(client, week):
    for name in ("/", ".pdf", "/rows.csv"):
        assert client.get(f"/p/demo/reports/{week}{name}").status_code == 404
    assert client.get(f"/api/projects/demo/reports/{week}/").status_code == 404


@pytest.mark.parametrize("week", [*WEEKS, *NO_WEEKS])
def test_a_list_of_weeks_until_such_a_week_is_refused_or_the_newest(client, week):
    page = client.get("/p/demo/reports/", {"until": week})
    told = client.get("/api/projects/demo/reports/", {"until": week})

    assert page.status_code == 200
    assert (told.status_code, told.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("week", ["1970-W02", "2999-W51"])
def test_the_outermost_weeks_that_can_be_asked_for_have_neighbours(client, week):
    found = Week.parse(week)

    assert found.before < found < found.after
    assert client.get("/p/demo/reports/", {"until": week}).status_code == 200
