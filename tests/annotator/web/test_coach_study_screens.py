"""The pages of coach studies: ask, watch, read, fetch as CSV, JSON and PDF."""

from __future__ import annotations

import csv
import io
import json

import pytest

from annotator.domain.coach_studies import StudyKind
from annotator.domain.roles import Role
from annotator.models import CoachStudy
from annotator.services import coach_studying
from annotator.web.coach_studies import paper, tables
from tests import coach_studies, factories

pytestmark = pytest.mark.django_db
PAGE = "/p/demo/coach-studies/"
USUAL = {
    "kind": "size",
    "values": "10, 20",
    "seeds": "1, 2",
    "measured": "6",
    "epochs": "1",
    "base_model": "SmolLM2-135M-Instruct",
}
State = CoachStudy.State


@pytest.fixture
def project():
    return coach_studies.filled()


@pytest.fixture
def ada(project, client):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    client.force_login(ada)
    return ada


def test_a_study_is_asked_for_and_watched(client, ada):
    answer = client.post(PAGE, USUAL | {"minutes": "90"})

    study = CoachStudy.objects.get()
    address = f"{PAGE}{study.pk}/"
    assert (answer.status_code, answer.url) == (302, address)
    assert (study.order.kind, study.order.values) == (StudyKind.SIZE, ("10", "20"))
    assert (study.order.seeds, study.order.epochs, study.granted) == ((1, 2), 1, 90)
    assert study.total == 4
    page = client.get(address).text
    assert "waiting for the training worker" in page
    assert "0 of 4 coaches are measured" in page
    for ending in ("json", "csv", "pdf"):
        assert client.get(f"{address}study.{ending}").status_code == 404


def test_how_far_it_is_stands_on_its_page(client, ada):
    client.post(PAGE, USUAL)
    study = CoachStudy.objects.get()
    CoachStudy.objects.update(
        state=State.WORKING, stage="training", point="20", seed=2, done=1
    )

    page = client.get(f"{PAGE}{study.pk}/").text

    assert "Training a coach: 20, 2 · 1 of 4 coaches are measured" in page


@pytest.mark.parametrize("kind", coach_studies.POINTS)
def test_every_figure_of_each_kind_stands_on_its_page(client, project, ada, kind):
    study = coach_studies.shown(project, ada, kind)

    page = client.get(f"{PAGE}{study.pk}/").text

    for figure in study.document["figures"]:
        for row in figure["points"]:
            assert tables.cell(row, figure["name"]).below in page
    for row in study.document["matrix"]:
        assert tables.cell(row["value"], "effort saved").below in page
    for name in ("points", "figures", "coaches", "limits", "manifest"):
        assert f'id="{name}"' in page
    assert ('data-over="' in page) == (kind not in ("backbone", "category"))
    assert ("tokens/s" in page) == (kind == "backbone")
    assert ('id="law"' in page) == (kind == "size")


def test_the_curve_has_its_bounds_and_the_fitted_law(project, ada):
    study = coach_studies.shown(project, ada)

    plot = paper.curve(study.document)

    assert plot.over == "doublings"
    looks = {each.look: each.values for each in plot.series}
    assert set(looks) == {"points", "low", "high", "dash"}
    at = list(plot.x).index(40.0)
    assert looks["low"][at] <= looks["points"][at] <= looks["high"][at]
    assert sum(value is not None for value in looks["points"]) == 3


def test_what_is_missing_is_named_and_can_be_gone_on_with(client, project, ada):
    study = coach_studies.shown(project, ada, missing=2)

    page = client.get(f"{PAGE}{study.pk}/").text
    client.post(f"{PAGE}{study.pk}/resume/")

    assert "2 of 6 coaches are missing: the minutes were over." in page
    assert "No figures yet of: 40 (2), 80 (2)." in page
    study.refresh_from_db()
    assert study.state == State.WAITING


def test_it_is_fetched_as_csv_json_and_pdf(client, project, ada):
    study = coach_studies.shown(project, ada, "category")
    address = f"{PAGE}{study.pk}/study"

    table = client.get(f"{address}.csv")
    document = client.get(f"{address}.json")
    printed = client.get(f"{address}.pdf")

    rows = list(csv.DictReader(io.StringIO(table.getvalue().decode())))
    document_rows = [
        row for figure in study.document["figures"] for row in figure["points"]
    ]
    assert len(rows) == len(document_rows) + len(study.document["matrix"])
    assert float(rows[0]["value"]) == document_rows[0]["value"]
    assert json.loads(document.content) == study.document
    assert f"demo-category-study-{study.pk}.pdf" in printed["Content-Disposition"]
    assert printed.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"kind": "colour"}, "colour is not one of the available choices"),
        ({"seeds": "1, x"}, "seeds must be a whole number"),
        ({"measured": "4"}, "greater than or equal to 5"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"base_model": "someone/else"}, "someone/else is not one of the available"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(client, ada, typed, told):
    answer = client.post(PAGE, USUAL | typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert not CoachStudy.objects.exists()


def test_values_that_cannot_be_are_refused(client, ada):
    answer = client.post(PAGE, USUAL | {"values": "10, 9999"})

    assert answer.status_code == 422
    assert "got 9999" in answer.text
    assert not CoachStudy.objects.exists()


def test_a_lead_reads_and_does_nothing(client, project, ada):
    study = coach_studies.shown(project, ada)
    client.force_login(factories.make_member(project, Role.LEAD, "lena"))

    listed, page = client.get(PAGE).text, client.get(f"{PAGE}{study.pk}/").text

    for shown in (listed, page):
        assert "<button" not in shown.split("<main", 1)[1].split("</main")[0]
    assert client.post(PAGE, USUAL).status_code == 403
    for deed in ("cancel", "resume", "delete"):
        assert client.post(f"{PAGE}{study.pk}/{deed}/").status_code == 403


def test_who_only_annotates_sees_nothing_of_it(client, project, ada):
    study = coach_studies.shown(project, ada)
    client.force_login(factories.make_member(project, Role.REVIEWER, "rob"))

    for name in ("", f"{study.pk}/", f"{study.pk}/study.csv"):
        assert client.get(f"{PAGE}{name}").status_code == 403


def test_another_project_s_study_is_not_found(client, ada, project):
    study = coach_studies.shown(factories.make_project(slug="other"), ada)

    assert client.get(f"{PAGE}{study.pk}/").status_code == 404
    assert client.post(f"{PAGE}{study.pk}/delete/").status_code == 404


def test_it_is_cancelled_and_deleted(client, ada):
    client.post(PAGE, USUAL)
    study = CoachStudy.objects.get()

    client.post(f"{PAGE}{study.pk}/cancel/")
    study.refresh_from_db()
    assert study.state == State.CANCELLED
    client.post(f"{PAGE}{study.pk}/delete/")

    assert not CoachStudy.objects.exists()


def test_once_it_has_ended_the_whole_page_is_asked_for(client, ada):
    client.post(PAGE, USUAL)
    study = CoachStudy.objects.get()
    coach_studying.cancel(study=study, actor=ada)
    address = f"{PAGE}{study.pk}/"

    answer = client.get(address, headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == address
