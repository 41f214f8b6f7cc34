"""A dataset report is a job: made once, gone on with after a kill, cancelled."""

from __future__ import annotations

import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotator import tasks
from annotator.domain.dataset_reports import ReportOrder
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import DatasetReport, Notice, Pair, RewriteRow
from annotator.selectors import dataset_reports
from annotator.services import claims, dataset_reporting, quality, rating, rewriting
from revision_engine.backends.asking import ServerFailed
from revision_engine.types import DraftResult, PairText
from tests import exported_pairs, factories, judges

pytestmark = pytest.mark.django_db
State = DatasetReport.State


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(12, revised=True))
    return project


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD, "lena")


@pytest.fixture(autouse=True)
def with_judges(monkeypatch):
    judges.use(monkeypatch)
    monkeypatch.setattr(dataset_reporting, "HEARD_EVERY", 0)
    monkeypatch.setattr(rating, "AT_ONCE", 4)


def ask(project, lead, upload=None, raw=None, **given):
    order = ReportOrder.from_dict(given)
    return dataset_reporting.request(
        project=project, actor=lead, order=order, file=upload, raw_file=raw
    )


def made(report):
    dataset_reporting.make(report.pk)
    report.refresh_from_db()
    assert report.state == State.DONE, report.problem
    return report.document


def as_file(rows):
    return io.BytesIO(json.dumps(rows).encode())


def left_in(settings):
    return sorted(path.name for path in Path(settings.DATASET_REPORTS).iterdir())


def silent_for(report, seconds):
    heard_at = timezone.now() - timedelta(seconds=seconds)
    DatasetReport.objects.filter(pk=report.pk).update(heard_at=heard_at)


def test_what_is_asked_for_waits_and_is_made_once(project, lead, settings):
    report = ask(project, lead, judges=["length"])
    waiting = dataset_reporting.to_make()
    told = []

    dataset_reporting.make(
        report.pk, tell=lambda each: told.append((each.stage, each.done, each.total))
    )
    dataset_reporting.make(report.pk)  # a second delivery of the message

    report.refresh_from_db()
    assert waiting == [report.pk]
    assert dataset_reporting.to_make() == []
    assert (report.state, report.stage, report.name) == (State.DONE, "", "demo")
    assert report.document["pairs"] == 12
    assert told[:4] == [("rating", n, 24) for n in (0, 4, 8, 12)]
    assert told[-1][0] == "counting"
    assert len(judges.ASKED) == 24
    assert left_in(settings) == []


def test_accepted_pairs_are_measured_as_they_came_and_as_they_count(project, lead):
    document = made(ask(project, lead))

    sample = document["samples"][0]
    pair = Pair.objects.get(pk=sample["number"])
    assert sample["raw"]["response"] == pair.response
    assert sample["revised"]["response"].startswith("The word number")
    assert document["manifest"]["source"] == {"project": "demo"}


def test_a_batch_says_how_many_of_its_pairs_are_not_accepted(project, lead):
    factories.import_rows(project, factories.rows(20)[15:])
    batch = factories.import_rows(
        project, [*factories.rows(31, revised=True)[25:], *factories.rows(34)[31:]]
    )

    document = made(ask(project, lead, source="batch", number=batch.pk))

    assert (document["pairs"], document["left_out"]) == (6, {"not accepted yet": 3})
    assert document["manifest"]["source"]["batch"]["number"] == batch.pk


def test_a_category_narrows(project, lead):
    Pair.objects.filter(project=project, row__lte=3).update(category="code")

    assert made(ask(project, lead, category="code"))["pairs"] == 3
    assert made(ask(project, lead, category="-"))["pairs"] == 9


@pytest.mark.parametrize("shape", ["revisions", "coach", "alpaca"])
def test_an_export_is_measured_from_its_file(project, lead, shape):
    export, _ = exported_pairs.written(project, lead, shape=shape)
    Pair.objects.filter(project=project, row=1).update(response="Altered since.")

    document = made(ask(project, lead, source="export", number=export.pk))

    # A training set leaves out what is held out.
    assert document["pairs"] == export.rows >= 8
    (file,) = document["manifest"]["source"]["files"]
    assert file["sha256"] == export.sha256


def test_an_export_without_raw_sides_is_refused_with_a_way_out(project, lead):
    export, _ = exported_pairs.written(project, lead, shape="messages")
    report = ask(project, lead, source="export", number=export.pk)

    dataset_reporting.make(report.pk)

    report.refresh_from_db()
    assert report.state == State.FAILED
    assert "Export the shape “Expert revisions”" in report.problem


def test_a_rewrite_is_measured_row_by_row(project, lead):
    coach = factories.make_coach(project)
    rewrite = rewriting.start(
        project=project,
        actor=lead,
        coach=coach,
        name="alpaca.json",
        rows=rewriting.rows_of_objects(
            [
                {"instruction": f"Say {n}.", "input": "", "output": f"Raw {n}."}
                for n in range(3)
            ]
        ),
    )
    row = rewrite.rows.earliest("position")
    RewriteRow.objects.update(state=RewriteRow.State.SENT, sent_at=timezone.now())
    text = PairText(instruction="Say 0.", response="A better one.")
    rewriting.store(
        rewrite_id=rewrite.pk, results=[DraftResult(key=str(row.pk), text=text)]
    )

    document = made(ask(project, lead, source="rewrite", number=rewrite.pk))

    assert (document["pairs"], document["left_out"]) == (1, {"not revised yet": 2})
    assert document["samples"][0]["revised"]["response"] == "A better one."
    assert document["manifest"]["source"]["coach"]["name"] == coach.name


def test_a_file_is_kept_until_its_report_is_made(project, lead, settings):
    file = as_file(factories.rows(3, revised=True))
    report = ask(project, lead, file, source="file", file="mine.json")
    before, kept = left_in(settings), report.file

    document = made(report)

    assert before == [kept]
    assert left_in(settings) == []
    assert (report.name, document["pairs"]) == ("mine.json", 3)


def test_a_raw_and_a_revised_file_are_put_together(project, lead):
    raw = [{"instruction": "Say.", "output": f"Raw {n}."} for n in range(3)]
    revised = [{"instruction": "Say.", "output": f"New {n}."} for n in range(3)]
    given = {"source": "file", "file": "new.json", "raw_file": "raw.json"}

    document = made(ask(project, lead, as_file(revised), as_file(raw), **given))

    texts = {
        (s["raw"]["response"], s["revised"]["response"]) for s in document["samples"]
    }
    assert ("Raw 0.", "New 0.") in texts
    names = [each["name"] for each in document["manifest"]["source"]["files"]]
    assert names == ["new.json", "raw.json"]


def test_a_file_that_is_too_large_is_not_kept(project, lead, settings):
    settings.UPLOAD_MAX_BYTES = 10

    with pytest.raises(Invalid, match="UPLOAD_MAX_BYTES"):
        ask(project, lead, as_file([{}] * 9), source="file", file="mine.json")

    assert left_in(settings) == []


def test_a_file_that_is_none_fails_with_the_reason(project, lead):
    report = ask(project, lead, io.BytesIO(b"%PDF-1.7"), source="file", file="a.pdf")

    dataset_reporting.make(report.pk)

    report.refresh_from_db()
    assert report.state == State.FAILED
    assert report.problem.startswith("a.pdf is")
    notice = Notice.objects.get(person=lead)
    assert notice.about == Notice.About.DATASET_REPORT


def test_who_dies_is_followed_by_another_who_asks_for_no_rating_again(
    project, lead, monkeypatch
):
    report = ask(project, lead, judges=["length"])
    real, seen = dataset_reporting._hear, []

    def hear(each):
        seen.append(each)
        if len(seen) > 3:
            raise KeyboardInterrupt
        real(each)

    with monkeypatch.context() as patch:
        patch.setattr(dataset_reporting, "_hear", hear)
        with pytest.raises(KeyboardInterrupt):
            dataset_reporting.make(report.pk)
    before = len(judges.ASKED)
    is_free_at_once = dataset_reporting.to_make()
    silent_for(report, claims.SILENT_SECONDS + 1)

    made(report)

    assert before == 12
    assert is_free_at_once == []
    assert len(judges.ASKED) == 24


def test_a_judge_that_cannot_be_had_fails_the_report_and_ratings_are_kept(
    project, lead, monkeypatch, settings
):
    report = ask(project, lead, judges=["length"])
    real = judges.LengthJudge.rate

    def rate(self, pairs):
        if len(judges.ASKED) >= 8:
            raise ServerFailed("The judge does not answer: look at JUDGE_BASE_URL.")
        return real(self, pairs)

    monkeypatch.setattr(judges.LengthJudge, "rate", rate)
    dataset_reporting.make(report.pk)
    report.refresh_from_db()
    assert (report.state, report.done) == (State.FAILED, 8)
    assert report.problem == "The judge does not answer: look at JUDGE_BASE_URL."
    assert left_in(settings) == [f"{report.pk}.ratings.jsonl"]

    monkeypatch.setattr(judges.LengthJudge, "rate", real)
    dataset_reporting.retry(report=report, actor=lead)
    made(report)

    assert len(judges.ASKED) == 24


def test_three_makers_that_die_are_enough(project, lead):
    report = ask(project, lead)
    DatasetReport.objects.filter(pk=report.pk).update(
        state=State.MAKING, tries=claims.MOST_TRIES
    )

    dataset_reporting.make(report.pk)

    report.refresh_from_db()
    assert (report.state, report.document) == (State.FAILED, {})
    assert report.problem == "Three makers died on it, one after the other."


def test_a_report_that_is_cancelled_meanwhile_is_not_made(project, lead):
    report = ask(project, lead)

    dataset_reporting.make(
        report.pk,
        tell=lambda each: (
            each.state == State.MAKING
            and DatasetReport.objects.get(pk=each.pk).state == State.MAKING
            and dataset_reporting.cancel(report=each, actor=lead)
        ),
    )

    report.refresh_from_db()
    assert (report.state, report.document) == (State.CANCELLED, {})


def test_a_cancelled_report_can_be_made_after_all(project, lead):
    report = ask(project, lead)
    dataset_reporting.cancel(report=report, actor=lead)
    with pytest.raises(Invalid):
        dataset_reporting.cancel(report=report, actor=lead)

    dataset_reporting.retry(report=report, actor=lead)

    assert made(report)["pairs"] == 12
    with pytest.raises(Invalid, match="It is made"):
        dataset_reporting.retry(report=report, actor=lead)


def test_files_of_what_failed_long_ago_go_and_it_is_not_tried_again(
    project, lead, settings
):
    report = ask(project, lead, io.BytesIO(b"%PDF-1.7"), source="file", file="a.pdf")
    dataset_reporting.make(report.pk)
    DatasetReport.objects.filter(pk=report.pk).update(
        ended_at=timezone.now() - timedelta(days=dataset_reporting.KEPT_DAYS + 1)
    )

    tasks.forget_dataset_reports()

    report.refresh_from_db()
    assert left_in(settings) == []
    with pytest.raises(Invalid, match="Its file is deleted"):
        dataset_reporting.retry(report=report, actor=lead)


def test_what_no_report_knows_is_tidied_up_after_a_day(settings):
    folder = Path(settings.DATASET_REPORTS)
    folder.mkdir()
    names = ["a" * 32, "7.ratings.jsonl", "somebody's notes.txt"]
    for name in names:
        (folder / name).write_text("x")
    old = timezone.now().timestamp() - 90_000
    os.utime(folder / names[0], (old, old))
    os.utime(folder / names[2], (old, old))

    dataset_reporting.forget_old()

    assert left_in(settings) == sorted(names[1:])


def test_a_report_is_deleted_once_it_has_ended(project, lead):
    report = ask(project, lead)
    with pytest.raises(Invalid, match="cancel it first"):
        dataset_reporting.delete(report=report, actor=lead)
    made(report)

    dataset_reporting.delete(report=report, actor=lead)

    assert not DatasetReport.objects.exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"source": "batch", "number": 9_999}, "no batch 9999"),
        ({"source": "export", "number": 9_999}, "no export 9999"),
        ({"source": "rewrite", "number": 9_999}, "no rewrite 9999"),
        ({"judges": ["Solomon"]}, "there is no Solomon"),
        ({"source": "file", "file": "a.json"}, "needs one"),
    ],
)
def test_what_there_is_not_is_refused_at_once(project, lead, given, told):
    with pytest.raises(Invalid, match=told):
        ask(project, lead, **given)

    assert not DatasetReport.objects.exists()


def test_a_coach_s_report_is_of_what_went_on_from_its_drafts(project, lead):
    coach = factories.make_coach(project)
    factories.import_rows(project, factories.rows(15)[12:])
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    for _ in range(2):
        factories.review(project, anna)
        lease = factories.claim(project, lead, Stage.QUALITY)
        quality.accept(token=lease.token, person=lead)

    report = ask(project, lead, source="coach", number=coach.pk)
    document = made(report)

    # Beside 12 pairs that came with a person's revision.
    assert (document["pairs"], report.name) == (2, coach.name)
    assert document["left_out"] == {"not accepted yet": 1}
    assert document["manifest"]["source"]["coach"]["name"] == coach.name
    assert dataset_reports.newest_made(project, coach.pk) == report
    assert dataset_reports.newest_made(project, coach.pk + 1) is None


def test_another_projects_coach_is_none_of_ours(project, lead):
    other = factories.make_coach(factories.make_project(slug="other"))

    with pytest.raises(Invalid, match=f"number: the project has no coach {other.pk}"):
        ask(project, lead, source="coach", number=other.pk)


def test_another_projects_batch_is_none_of_ours(project, lead):
    other = factories.make_project(slug="other")
    batch = factories.import_rows(other, factories.rows(2, revised=True))

    with pytest.raises(Invalid, match="no batch"):
        ask(project, lead, source="batch", number=batch.pk)


def test_annotators_ask_for_none(project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")

    with pytest.raises(NotAllowed):
        ask(project, anna)


def test_a_project_without_accepted_pairs_says_what_is_lacking():
    bare = factories.make_project(slug="bare")
    factories.import_rows(bare, factories.rows(2))
    report = ask(bare, factories.make_member(bare, Role.LEAD, "lara"))

    dataset_reporting.make(report.pk)

    report.refresh_from_db()
    assert report.problem == (
        "There is no pair with a raw and a revised side: 2 not accepted yet."
    )


def test_the_clock_makes_what_waits(project, lead, monkeypatch):
    report = ask(project, lead)
    sent = []
    monkeypatch.setattr(tasks, "nudge", lambda task, *args: sent.append((task, args)))

    tasks.make_dataset_reports()

    assert sent == [(tasks.make_dataset_report, (report.pk,))]
    sent[0][0](*sent[0][1])
    report.refresh_from_db()
    assert report.state == State.DONE


def test_the_command_line_measures_a_file(tmp_path, capsys):
    file, out = tmp_path / "mine.json", tmp_path / "report.json"
    file.write_text(json.dumps(factories.rows(4, revised=True)))

    call_command("dataset_report", file, out=out, judge=["length"])

    document = json.loads(out.read_text())
    assert (document["pairs"], document["order"]["judges"]) == (4, ["length"])
    assert sorted(path.name for path in tmp_path.glob("*.json*")) == [
        "mine.json",
        "report.json",
    ]
    told = capsys.readouterr().out
    assert "4 pairs" in told
    assert "length: mean 5 -> 5" in told
    with pytest.raises(CommandError, match="is there already"):
        call_command("dataset_report", file, out=out)


def test_the_command_line_says_what_is_wrong(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(factories.rows(4)))

    with pytest.raises(CommandError, match="4 without a raw side"):
        call_command("dataset_report", file, out=tmp_path / "out.json")
