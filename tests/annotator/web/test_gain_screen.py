"""The page about the gain: a sentence, its interval, and what it is counted from."""

from __future__ import annotations

import csv

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import Arm
from annotator.selectors.gain import counting
from tests import factories
from tests.gain_rows import work

pytestmark = pytest.mark.django_db
URL = "/p/demo/stats/gain/"
API = "/api/projects/demo/stats/gain/"


@pytest.fixture
def project(client):
    project = factories.make_project(control_share=0.5)
    client.force_login(factories.make_member(project, Role.LEAD))
    return project


def fill(project, *, pairs=40):
    for name in ("ann", "<b>ben"):
        person = factories.make_member(project, Role.ANNOTATOR, name)
        work(project, person, Arm.CONTROL, [100.0, 140.0] * (pairs // 2))
        work(project, person, Arm.COACHED, [80.0, 120.0] * (pairs // 2))


def test_without_work_it_says_so(client, project):
    page = client.get(URL).content.decode()

    assert "Not enough data yet" in page
    assert "at least 30 settled pairs of each arm" in page


def test_too_few_pairs_show_no_ratio(client, project):
    fill(project, pairs=10)

    page = client.get(URL).content.decode()

    assert "About 20 pairs more would tell, 10 of them" in page
    assert "more pairs accepted a day" not in page


def test_the_headline_says_all_that_it_depends_on(client, project):
    fill(project)

    page = client.get(URL).content.decode()

    assert "With the coach, people get 20 % more pairs accepted a day" in page
    assert "160 pairs; 2 people; idle limit 120 s" in page
    assert "speaks of these people only" in page
    assert "&lt;b&gt;ben" in page
    assert "<b>ben" not in page


def test_filters_stay_in_the_address_and_a_bad_one_is_left_out(client, project):
    fill(project)

    one = client.get(URL, {"person": "ann", "machine_hour": "0.1"}).content.decode()
    bad = client.get(URL, {"since": "yesterday", "batch": "x"})

    assert "80 pairs; 1 person" in one
    assert "person=ann&amp;machine_hour=0.1" in one
    assert bad.status_code == 200


def test_a_project_without_control_pairs_is_told_why(client, project):
    project.control_share = 0.0
    project.save()

    assert "nothing can be compared" in client.get(URL).content.decode()


def test_the_cells_are_a_csv_that_can_be_counted_again(client, project):
    fill(project)

    lines = client.get(f"{URL}cells.csv").getvalue().decode("utf-8-sig").splitlines()

    rows = list(csv.DictReader(lines))
    assert sum(float(row["seconds"]) for row in rows) == sum(
        cell.seconds for cell in counting.cells(project)
    )
    assert {row["username"] for row in rows} == {"ann", "<b>ben"}


def test_the_api_tells_the_same(client, project):
    fill(project)

    told = client.get(API).json()
    one = client.get(API, {"person": "ann"}).json()
    bad = client.get(API, {"since": "yesterday"})

    assert told["ratio"]["value"] == pytest.approx(1.2)
    assert told["code"] == "more"
    assert told["intervals_over"] == "pairs"
    assert told["groups"]["person"][1]["name"] == "ann"
    assert sum(cell["pairs"] for cell in told["cells"]) == 160
    assert one["people"] == 1
    assert bad.status_code == 400


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_others_do_not_see_it(client, project, role):
    client.force_login(factories.make_member(project, role))

    answers = [client.get(URL), client.get(f"{URL}cells.csv"), client.get(API)]

    assert {answer.status_code for answer in answers} == {403}


def test_it_keeps_its_query_budget(client, project, django_assert_max_num_queries):
    fill(project)

    with django_assert_max_num_queries(17):
        client.get(URL)
