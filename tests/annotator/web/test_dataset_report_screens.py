"""The pages of dataset reports: ask, watch, read, fetch, for leads alone."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotator.domain.dataset_reports import ReportOrder
from annotator.domain.roles import Role
from annotator.models import DatasetReport
from annotator.services import dataset_reporting, rating
from annotator.web.dataset_reports import counts, figures, paper
from tests import factories, judges

pytestmark = pytest.mark.django_db
PAGE = "/p/demo/dataset-reports/"
USUAL = {"source": "accepted", "threshold": "4.5", "seed": "17"}
State = DatasetReport.State
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def project(monkeypatch):
    judges.use(monkeypatch)
    project = factories.make_project()
    rows = factories.rows(12, revised=True)
    rows[0]["Revised Response"] = f"{SCRIPT} refuse"
    for row in rows[1:]:
        row["category"] = "nature"
    factories.import_rows(project, rows)
    return project


@pytest.fixture
def lead(project, client):
    lead = factories.make_member(project, Role.LEAD, "lena")
    client.force_login(lead)
    return lead


def made(project, lead, **given):
    order = ReportOrder.from_dict(given)
    report = dataset_reporting.request(project=project, actor=lead, order=order)
    dataset_reporting.make(report.pk)
    report.refresh_from_db()
    assert report.state == State.DONE, report.problem
    return report


def test_a_report_is_asked_for_watched_and_read(client, project, lead):
    answer = client.post(PAGE, USUAL | {"judges": ["length"]})
    report = DatasetReport.objects.get()
    address = f"{PAGE}{report.pk}/"
    assert (answer.status_code, answer.url) == (302, address)
    waiting = client.get(address).text
    assert "waiting to be made" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert client.get(f"{address}report.json").status_code == 404

    dataset_reporting.make(report.pk)

    assert client.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == address
    page = client.get(address).text
    report.refresh_from_db()
    mean = report.document["ratings"]["judges"][0]["whole"]["mean"]
    assert figures.arrow(mean, 2) in page
    assert "12 pairs before and after revision." in page
    listed = client.get(PAGE).text
    assert figures.arrow(mean, 2) in listed


def test_a_text_of_the_data_is_never_markup(client, project, lead):
    report = made(project, lead, judges=["length"])

    page = client.get(f"{PAGE}{report.pk}/").text

    assert SCRIPT not in page
    assert "refused: 1" in page


def test_every_figure_of_the_document_stands_on_the_page(client, project, lead):
    report = made(project, lead, judges=["length", "short"])

    page = client.get(f"{PAGE}{report.pk}/").text

    names = ("short", "ratings", "changed", "lengths", "diversity", "openings")
    for name in (*names, "languages", "repeats", "limits", "manifest", "samples"):
        assert f'id="{name}"' in page
    assert report.document["manifest"]["raw_sha256"] in page
    assert "Do the judges agree" in page
    assert page.count("<svg") > 10


def test_without_a_judge_the_page_says_that_nothing_is_rated(client, project, lead):
    report = made(project, lead)

    page = client.get(f"{PAGE}{report.pk}/").text

    assert "No judge was chosen: this report does not say which side is better." in page


def test_an_installation_without_judges_says_so_in_the_form(client, lead, monkeypatch):
    assert 'value="length"' in client.get(PAGE).text
    monkeypatch.setattr(rating, "known", dict)

    page = client.get(PAGE).text

    assert "This installation has no judge" in page


def test_what_is_known_of_a_judge_stands_beside_its_ratings(client, project, lead):
    report = made(project, lead, judges=["length"])
    judge = report.document["ratings"]["judges"][0]
    usage = {"questions": 24, "from_kept": 4, "refused": 1, "cost": 0.1234}
    judge |= {
        "seen": 7,
        "papers": {"beats_length": False, "model": "m", "usage": usage},
    }
    judge["unseen"] = judge["whole"]
    report.save()

    page = client.get(f"{PAGE}{report.pk}/").text

    assert "It was fitted on the revisions of 7 of these 11 pairs" in page
    assert "It agrees with experts no better than length does" in page
    assert "m was asked 24 questions, 4 of them answered before" in page
    assert "Cost: 0.12." in page
    assert "Mean rating of unseen pairs" in page


def test_the_document_is_fetched_as_json(client, project, lead):
    report = made(project, lead)

    answer = client.get(f"{PAGE}{report.pk}/report.json")

    assert json.loads(answer.content) == {**report.document, "people": []}
    assert f"demo-dataset-report-{report.pk}.json" in answer["Content-Disposition"]


def test_the_report_is_fetched_as_pdf(client, project, lead):
    report = made(project, lead, judges=["length"])

    answer = client.get(f"{PAGE}{report.pk}/report.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_a_file_is_brought_and_measured(client, lead):
    rows = json.dumps(factories.rows(3, revised=True)).encode()
    file = SimpleUploadedFile("mine.json", rows)

    client.post(PAGE, USUAL | {"source": "file", "file": file})

    report = DatasetReport.objects.get()
    dataset_reporting.make(report.pk)
    report.refresh_from_db()
    assert (report.name, report.document["pairs"]) == ("mine.json", 3)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"source": "batch"}, "Choose one."),
        ({"source": "file"}, "Choose a file."),
        ({"threshold": "9"}, "less than or equal to 5"),
        ({"threshold": "nan"}, "Enter a number."),
        ({"judges": ["Solomon"]}, "Solomon is not one of the available choices"),
        ({"seed": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, lead, typed, told):
    answer = client.post(PAGE, USUAL | typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert not DatasetReport.objects.exists()


def test_a_report_is_cancelled_tried_again_and_deleted(client, project, lead):
    order = ReportOrder.from_dict({})
    report = dataset_reporting.request(project=project, actor=lead, order=order)
    address = f"{PAGE}{report.pk}/"

    client.post(f"{address}cancel/")
    assert "cancelled" in client.get(address).text
    client.post(f"{address}retry/")
    report.refresh_from_db()
    assert report.state == State.WAITING
    dataset_reporting.make(report.pk)
    client.post(f"{address}delete/")

    assert not DatasetReport.objects.exists()


def test_what_failed_says_why_on_the_list_and_the_page(client, lead):
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    client.post(PAGE, USUAL | {"source": "file", "file": file})
    report = DatasetReport.objects.get()

    dataset_reporting.make(report.pk)

    report.refresh_from_db()
    for page in (PAGE, f"{PAGE}{report.pk}/"):
        assert report.problem[:20] in client.get(page).text


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_reports_are_for_leads(client, project, lead, role):
    report = made(project, lead)
    client.force_login(factories.make_member(project, role))

    for name in ("", "report.json", "report.pdf"):
        assert client.get(f"{PAGE}{report.pk}/{name}").status_code == 403
    assert client.post(f"{PAGE}{report.pk}/delete/").status_code == 403


def test_another_projects_report_is_not_found(client, project, lead):
    other = factories.make_project(slug="other")
    factories.import_rows(other, factories.rows(3, revised=True))
    report = made(other, factories.make_member(other, Role.LEAD, "lara"))

    assert client.get(f"{PAGE}{report.pk}/").status_code == 404


@pytest.mark.parametrize("texts", [{}, {"Raw Response": "?!", "Revised Response": "!"}])
def test_one_pair_alone_has_a_page(client, project, lead, texts):
    lone = factories.make_project(slug="lone")
    factories.import_rows(lone, [factories.rows(1, revised=True)[0] | texts])
    lead.is_superuser = True
    lead.save()
    report = made(lone, lead, judges=["length"])

    for name in ("", "report.pdf"):
        answer = client.get(f"/p/lone/dataset-reports/{report.pk}/{name}")
        assert answer.status_code == 200


def test_a_figure_is_printed_with_its_interval():
    estimate = {"value": 0.3642, "low": -0.301, "high": 1234.5}

    found = figures.cell(estimate, 2, signed=True)

    assert (found.printed, found.below) == ("+0.36", "[−0.30, +1\u202f234.50]")
    assert figures.printed(-0.001, 1, signed=True) == "±0.0"
    assert figures.printed(-0.001, 1) == "0.0"


def test_only_a_difference_that_is_sure_stands_in_heavy_type():
    side = {"value": 1, "low": 0, "high": 2}

    sure, not_sure = (
        figures.before_after({"raw": side, "revised": side, "difference": rise}, 1)[2]
        for rise in ({"value": 1, "low": 0.1, "high": 2}, side)
    )

    assert (sure.is_strong, not_sure.is_strong) == (True, False)


def test_a_picture_puts_the_emptier_ends_together_and_loses_no_text():
    edges = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    raw = [1, 0, 0, 10, 20, 30, 20, 13, 6, 0]

    pooled, before, after = counts._pooled(edges, raw, raw)

    # First 500 and more to 200, then 1 to 0.
    assert pooled == [0, 2, 5, 10, 20, 50, 100, 200]
    assert before == after == [1, 0, 10, 20, 30, 20, 13, 6]
    assert sum(before) == 100


def test_limits_are_sentences_of_the_readers_language(project, lead):
    report = made(project, lead)

    printed = paper.paper(report)

    (limits,) = [each for each in printed.sections if each.name == "limits"]
    assert len(limits.blocks[0].sentences) == len(report.document["limits"])


def test_gain_and_weekly_reports_lead_to_it(client, project, lead):
    before = client.get(reverse("gain", args=["demo"])).text
    report = made(project, lead)

    after = client.get(reverse("gain", args=["demo"])).text

    assert "Speed is half of the question" in before
    assert f'href="{PAGE}{report.pk}/"' in after
    assert "12 pairs before and after revision, measured" in after
    assert f'href="{PAGE}"' in client.get("/p/demo/reports/").text


def test_a_reader_of_chinese_reads_limits_in_chinese(client, project, lead):
    report = made(project, lead)

    page = client.get(
        f"{PAGE}{report.pk}/", headers={"accept-language": "zh-CN"}
    ).content.decode()

    assert "两侧是同一批数据对。" in page
    assert "Both sides are the same pairs." not in page


def test_from_a_coach_one_comes_to_its_newest_report_or_to_the_form(
    client, project, lead
):
    coach = factories.make_coach(project)
    address = f"{PAGE}coach/{coach.pk}/"

    asked = client.get(address, follow=True)
    report = DatasetReport.objects.create(
        project=project,
        asked=ReportOrder.from_dict({"source": "coach", "number": coach.pk}).as_dict(),
        state=State.DONE,
        document={"pairs": 2},
    )
    there = client.get(address)

    assert f'<option value="{coach.pk}" selected>' in asked.text
    assert '<option value="coach" selected>' in asked.text
    assert there.url == f"{PAGE}{report.pk}/"
    assert client.get(f"{PAGE}coach/0/").status_code == 404
