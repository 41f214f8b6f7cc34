"""The pages of model studies: asked for by admins, read by leads, too."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.domain.roles import Role
from annotator.models import ModelStudy
from annotator.services import snapshotting, studying
from annotator.web.model_studies import tables
from tests import factories, studies

pytestmark = pytest.mark.django_db
PAGE = "/p/demo/model-studies/"
USUAL = {
    "arms": ["raw", "revised"],
    "seeds": "17, 18",
    "seen": "64",
    "base_model": "SmolLM2-135M-Instruct",
    "judges": ["embedded"],
    "tuning": "lora",
}
State = ModelStudy.State


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(30, revised=True))
    return project


@pytest.fixture
def ada(project, client):
    ada = factories.make_member(project, Role.ADMIN, "ada")
    client.force_login(ada)
    return ada


def test_a_study_is_asked_for_and_watched(client, ada):
    answer = client.post(PAGE, USUAL | {"minutes": "90"})

    study = ModelStudy.objects.get()
    address = f"{PAGE}{study.pk}/"
    assert (answer.status_code, answer.url) == (302, address)
    assert study.order.seeds == (17, 18)
    assert (study.order.seen, study.granted) == (64, 90)
    page = client.get(address).text
    assert "waiting for the training worker" in page
    assert 'hx-trigger="every 2s"' in page
    assert client.get(f"{address}study.json").status_code == 404


def test_it_says_which_run_it_waits_for(client, project, ada):
    client.post(PAGE, USUAL)
    study = ModelStudy.objects.get()
    plan = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    told = f"ntil training run {run.pk} has ended"
    assert told in client.get(f"{PAGE}{study.pk}/").text
    assert told in client.get(PAGE).text


def test_how_far_it_is_stands_on_its_page(client, ada):
    client.post(PAGE, USUAL)
    study = ModelStudy.objects.get()
    ModelStudy.objects.update(
        state=State.WORKING, stage="answering", arm="revised", seed=17, done=2, total=5
    )

    page = client.get(f"{PAGE}{study.pk}/").text

    assert "Answering the test set: Revised, 17 · 2 of 5 models have answered" in page


def test_every_figure_of_the_document_stands_on_the_page(client, project, ada):
    study = studies.done(project, ada)

    page = client.get(f"{PAGE}{study.pk}/").text

    report = study.document["report"]
    for row in report["win_rates"]:
        for name in ("wr1", "wr2", "qs", "length_controlled", "longer"):
            shown = tables.cell(row[name], 1, 100)
            assert shown.text in page
            assert shown.below in page
    for name in ("arms", "win-rates", "seeds", "samples", "limits", "manifest"):
        assert f'id="{name}"' in page
    assert study.document["manifest"]["testset_sha256"] in page
    assert "Seed 2" in page
    assert "24 test instructions." in page


def test_a_text_of_a_model_is_never_markup(client, project, ada):
    study = studies.done(project, ada)

    page = client.get(f"{PAGE}{study.pk}/").text

    assert "&lt;b&gt;revised&lt;/b&gt; says" in page
    assert "<b>revised</b>" not in page


def test_the_list_shows_what_the_second_arm_did_beside_the_first(client, project, ada):
    study = studies.done(project, ada)
    (rate,) = (
        row["wr1"]
        for row in study.document["report"]["win_rates"]
        if (row["one"], row["other"]) == ("revised", "raw")
    )

    assert tables.cell(rate, 1, 100).below in client.get(PAGE).text


def test_a_study_whose_minutes_were_over_says_so_and_can_go_on(client, project, ada):
    study = studies.done(project, ada)
    ModelStudy.objects.update(done=4)

    page = client.get(f"{PAGE}{study.pk}/").text
    client.post(f"{PAGE}{study.pk}/resume/")

    assert "4 of 10 models have answered" in page
    study.refresh_from_db()
    assert study.state == State.WAITING


def test_the_document_is_fetched_as_json(client, project, ada):
    study = studies.done(project, ada)

    answer = client.get(f"{PAGE}{study.pk}/study.json")

    assert json.loads(answer.content) == {**study.document, "people": []}
    assert f"demo-model-study-{study.pk}.json" in answer["Content-Disposition"]


def test_it_is_printed_as_pdf(client, project, ada):
    study = studies.done(project, ada)

    printed = client.get(f"{PAGE}{study.pk}/study.pdf")

    assert printed.content.startswith(b"%PDF")
    assert f"demo-model-study-{study.pk}.pdf" in printed["Content-Disposition"]


def test_several_judges_stand_one_after_the_other_with_their_agreement(
    client, project, ada
):
    study = studies.done(project, ada)
    report = study.document["report"]
    other = {name: report[name] for name in ("arms", "win_rates")}
    measured = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 24}
    names = ("weighted kappa", "Spearman", "same winner", "kappa")
    figures = [{"name": name, **measured} for name in names]
    report["beside"] = [
        {
            **other,
            "judge": {"name": "endpoint", "version": "rubric-1"},
            "problems": {"refused": 3},
            "position_bias": {"consistent": 20, "contests": 24, "lean": 0.125},
            "usage": {"questions": 48, "from_kept": 40, "cost": 1.5},
        }
    ]
    report["agreement"] = [
        {
            "judges": ["embedded", "endpoint"],
            "ratings": figures[:2],
            "preferences": figures[2:],
        }
    ]
    study.save()

    page = client.get(f"{PAGE}{study.pk}/").text

    assert page.count("By endpoint (rubric-1)") == 2 * 3  # for the eye and the ear
    assert "3 answers of this judge are missing: refused." in page
    assert "the same winner 20 of 24 times; it leans by 12.5 points" in page
    assert "It was asked 48 questions, 40 of them before." in page
    assert "That cost 1.50." in page
    assert "[25.0, 75.0]" in page
    assert client.get(f"{PAGE}{study.pk}/study.pdf").content.startswith(b"%PDF")


def test_a_test_set_is_brought(client, ada):
    rows = json.dumps([{"question": f"Name the river {n}."} for n in range(12)])
    file = SimpleUploadedFile("rivers.json", rows.encode())

    client.post(PAGE, USUAL | {"testset": file})

    study = ModelStudy.objects.get()
    assert (study.order.testset, len(study.items)) == ("rivers.json", 12)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"arms": []}, "Choose two or more."),
        ({"arms": ["raw"]}, "two or more"),
        ({"arms": ["raw", "best"]}, "best is not one of the available choices"),
        ({"seeds": "1, x"}, "seeds must be a whole number"),
        ({"seen": "0"}, "greater than or equal to 1"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"base_model": "someone/else"}, "someone/else is not one of the available"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(client, ada, typed, told):
    answer = client.post(PAGE, USUAL | typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert not ModelStudy.objects.exists()


def test_a_file_that_is_no_test_set_is_refused_with_its_row(client, ada):
    file = SimpleUploadedFile("rivers.json", b'[{"colour": "red"}]')

    answer = client.post(PAGE, USUAL | {"testset": file})

    assert answer.status_code == 422
    assert "rivers.json, row 1: has no instruction" in answer.text


def test_the_form_tells_how_much_work_it_asks_for(client, project, ada):
    before = client.get(f"{PAGE}estimate/", USUAL).text
    study = studies.done(project, ada)
    again = USUAL | {"base_model": "SmolLM2-135M-Instruct"}
    ModelStudy.objects.update(
        asked=study.order.as_dict() | {"base_model": again["base_model"]}
    )

    after = client.get(f"{PAGE}estimate/", again).text

    assert "4 models learn from 256 examples in all." in before
    assert "is known once a study of this base model has been finished" in before
    # 754 s for 9 * 1024 + 10 * 24 pieces of work; now 4 * 64 + 5 * 24.
    assert f"About 1 minute, as study {study.pk} took." in after
    assert "is told once" in client.get(f"{PAGE}estimate/", {"seen": "x"}).text


def test_a_lead_reads_and_does_nothing(client, project, ada):
    study = studies.done(project, ada)
    client.force_login(factories.make_member(project, Role.LEAD, "lena"))

    listed, page = client.get(PAGE).text, client.get(f"{PAGE}{study.pk}/").text

    for shown in (listed, page):
        assert "<button" not in shown.split("<main", 1)[1].split("</main")[0]
    assert "Only admins change it." in listed
    assert client.post(PAGE, USUAL).status_code == 403
    for deed in ("cancel", "resume", "delete"):
        assert client.post(f"{PAGE}{study.pk}/{deed}/").status_code == 403
    assert client.get(f"{PAGE}estimate/", USUAL).status_code == 403


def test_who_only_annotates_sees_nothing_of_it(client, project, ada):
    study = studies.done(project, ada)
    client.force_login(factories.make_member(project, Role.REVIEWER, "rob"))

    for name in ("", f"{study.pk}/", f"{study.pk}/study.json"):
        assert client.get(f"{PAGE}{name}").status_code == 403


def test_another_project_s_study_is_not_found(client, ada, project):
    other = factories.make_project(slug="other")
    study = studies.done(other, ada)

    assert client.get(f"{PAGE}{study.pk}/").status_code == 404
    assert client.post(f"{PAGE}{study.pk}/delete/").status_code == 404


def test_it_is_cancelled_and_deleted(client, ada):
    client.post(PAGE, USUAL)
    study = ModelStudy.objects.get()

    client.post(f"{PAGE}{study.pk}/cancel/")
    study.refresh_from_db()
    assert study.state == State.CANCELLED
    client.post(f"{PAGE}{study.pk}/delete/")

    assert not ModelStudy.objects.exists()


def test_once_it_has_ended_the_whole_page_is_asked_for(client, ada):
    client.post(PAGE, USUAL)
    study = ModelStudy.objects.get()
    studying.cancel(study=study, actor=ada)
    address = f"{PAGE}{study.pk}/"

    answer = client.get(address, headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == address
