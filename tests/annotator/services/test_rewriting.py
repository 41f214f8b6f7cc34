"""A whole dataset is revised row by row; no row is lost, and none is stored twice."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain.errors import IllegalMove, Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import Errand, Rewrite, RewriteRow
from annotator.selectors import rewrites
from annotator.services import rewriting, taking_back
from revision_engine.types import DraftResult, PairText
from tests import factories
from training.examples import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_messages(settings):
    settings.DRAFT_BATCH_SIZE = 2


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD)


def begin(project, lead, count=5, **changes):
    given = {
        "project": project,
        "actor": lead,
        "coach": rewriting.coach_for(project),
        "name": "five.json",
        "rows": rewriting.rows_of_objects(factories.rows(count)),
        **changes,
    }
    return rewriting.start(**given)


def answers(message, problem=""):
    return [
        DraftResult(
            key=r.key,
            text=r.text if problem else factories.better(r.text),
            problem=problem,
            mean_logprob=-0.25,
            new_tokens=7,
            seconds=0.5,
        )
        for r in message.requests
    ]


def work(rewrite):
    while message := rewriting.take(rewrite.pk):
        rewriting.store(rewrite_id=rewrite.pk, results=answers(message))


def exported(rewrite, lead):
    return list(rewriting.export_rows(rewrite=rewrite, actor=lead))


def test_every_row_comes_out_in_order_with_its_provenance(project, lead):
    rewrite = begin(project, lead)

    work(rewrite)

    rewrite.refresh_from_db()
    rows = exported(rewrite, lead)
    assert rewrite.state == Rewrite.State.DONE
    assert rewrite.finished_at
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0]["output"].endswith("It has a history, too.")
    assert rows[0]["raw"]["output"] == "It is the word 0."
    assert rows[0]["provenance"] == {
        "source": "coach",
        "problem": "",
        "coach": "first coach",
        "base_model": "none",
        "adapter_sha256": rewrite.coach.adapter_sha256,
        "prompt": "coachlm-1",
        "mean_logprob": -0.25,
        "new_tokens": 7,
    }


def test_a_batch_is_revised_as_it_was_imported(project, lead):
    batch = factories.import_rows(project, factories.rows(3))

    rewrite = begin(project, lead, rows=rewriting.rows_of_batch(batch))

    texts = [row.text for row in rewrite.rows.order_by("position")]
    assert texts == [pair.text for pair in batch.pairs.order_by("row")]


def test_at_most_two_messages_are_in_flight(project, lead):
    rewrite = begin(project, lead)

    first, second, third = (rewriting.take(rewrite.pk) for _ in range(3))

    assert [len(first.requests), len(second.requests)] == [2, 2]
    assert third is None


def test_the_same_answer_stored_twice_counts_once(project, lead):
    rewrite = begin(project, lead)
    message = rewriting.take(rewrite.pk)

    first = rewriting.store(rewrite_id=rewrite.pk, results=answers(message))
    second = rewriting.store(rewrite_id=rewrite.pk, results=answers(message))

    assert (first, second) == (2, 0)


def test_an_unusable_answer_leaves_the_raw_pair_and_is_counted(project, lead):
    rewrite = begin(project, lead, count=1)
    message = rewriting.take(rewrite.pk)

    rewriting.store(rewrite_id=rewrite.pk, results=answers(message, "unparseable"))

    row = rewrite.rows.get()
    progress = rewrites.progress(rewrite)
    assert row.revised == row.text
    assert progress.sources == {"coach": 0, "experts": 0, "raw": 1}
    assert progress.problems == {"unparseable": 1}


@pytest.mark.parametrize("text", [PairText(instruction="I", response="R"), None])
def test_what_the_coach_was_trained_on_is_not_asked_of_it(
    project, lead, monkeypatch, text
):
    first = factories.rows(1)[0]
    own = fingerprint(
        PairText(instruction=first["Raw Instruction"], response=first["Raw Response"])
    )
    monkeypatch.setattr(
        rewriting,
        "knowledge",
        lambda _: lambda keys: {k: text for k in keys if k == own},
    )

    rewrite = begin(project, lead, count=2)

    row = rewrite.rows.get(position=1)
    assert row.state == RewriteRow.State.DONE
    assert (row.source, row.problem) == (
        ("experts", "") if text else ("raw", "trained_on")
    )
    assert row.revised == (text or row.text)
    assert rewrite.rows.filter(state=RewriteRow.State.WAITING).count() == 1


def test_pause_sends_nothing_more_but_keeps_what_comes_back(project, lead):
    rewrite = begin(project, lead)
    message = rewriting.take(rewrite.pk)

    rewriting.pause(rewrite=rewrite, actor=lead)

    assert rewriting.take(rewrite.pk) is None
    assert rewriting.store(rewrite_id=rewrite.pk, results=answers(message)) == 2


def test_resume_sends_again_what_had_not_come_back(project, lead):
    rewrite = begin(project, lead, count=2)
    lost = rewriting.take(rewrite.pk)
    rewriting.pause(rewrite=rewrite, actor=lead)

    rewriting.resume(rewrite=rewrite, actor=lead)

    assert rewriting.take(rewrite.pk) == lost


def test_what_never_came_is_swept_back(project, lead):
    rewrite = begin(project, lead)
    rewriting.take(rewrite.pk)
    Errand.objects.update(sent_at=timezone.now() - timedelta(hours=1))

    swept = taking_back.sweep()

    work(rewrite)
    rewrite.refresh_from_db()
    assert swept == 5 - 3
    assert rewrite.state == Rewrite.State.DONE


def test_a_cancelled_rewrite_keeps_what_is_done_and_takes_no_more(project, lead):
    rewrite = begin(project, lead)
    done, late = rewriting.take(rewrite.pk), rewriting.take(rewrite.pk)
    rewriting.store(rewrite_id=rewrite.pk, results=answers(done))

    rewrite = rewriting.cancel(rewrite=rewrite, actor=lead)

    assert rewriting.take(rewrite.pk) is None
    assert rewriting.store(rewrite_id=rewrite.pk, results=answers(late)) == 0
    assert len(exported(rewrite, lead)) == 2
    assert rewrites.progress(rewrite).left == 3
    with pytest.raises(IllegalMove):
        rewriting.resume(rewrite=rewrite, actor=lead)


def test_bad_rows_are_named_and_nothing_is_begun(project, lead):
    file = io.BytesIO(json.dumps([*factories.rows(1), {"instruction": "x"}]).encode())

    with pytest.raises(Invalid, match=r"1 row cannot be used: row 2: .*'output'"):
        begin(project, lead, rows=rewriting.rows_of_file(file, "a.json"))

    assert not Rewrite.objects.exists()


def test_bad_rows_are_left_out_when_that_is_asked(project, lead):
    given = rewriting.rows_of_objects([*factories.rows(1), {"instruction": "x"}])

    rewrite = begin(project, lead, rows=given, leave_out_bad=True)

    assert (rewrite.rows.count(), rewrite.left_out) == (1, 1)


def test_a_dataset_without_pairs_is_refused(project, lead):
    with pytest.raises(Invalid, match="no pair"):
        begin(project, lead, count=0)


def test_only_leads_revise_datasets(project):
    anna = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        begin(project, anna)


def test_the_time_left_follows_the_pace_of_the_last_minutes(project, lead):
    rewrite = begin(project, lead, count=6)
    rewriting.store(rewrite_id=rewrite.pk, results=answers(rewriting.take(rewrite.pk)))
    rewrite.running_since = timezone.now() - timedelta(minutes=1)

    progress = rewrites.progress(rewrite)

    assert progress.rows_per_minute == pytest.approx(2, rel=0.05)
    assert progress.seconds_left == pytest.approx(120, rel=0.05)
    assert progress.share == pytest.approx(100 / 3)


def test_a_running_rewrite_that_hears_nothing_says_so(project, lead):
    rewrite = begin(project, lead)
    fresh = rewrites.progress(rewrite).is_silent
    rewrite.running_since = timezone.now() - timedelta(minutes=3)

    assert not fresh
    assert rewrites.progress(rewrite).is_silent
