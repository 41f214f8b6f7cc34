"""Whoever asked for a job hears that it ended, that it failed, or that it is silent."""

from __future__ import annotations

import io
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone, translation

from annotator.domain.news import Kind, Way
from annotator.models import Notice, Rewrite, User
from annotator.selectors import inbox
from annotator.services import (
    exporting,
    importing,
    notice_words,
    receiving,
    rewriting,
    telling,
    telling_of_work,
)
from revision_engine.types import DraftResult
from tests import factories

pytestmark = pytest.mark.django_db
ROW = b'{"instruction": "Say it.", "output": "It."}'
CUT_OFF = b"[" + b", ".join([ROW] * 1000) + b", {"
"""Its fault lies behind the rows that are looked at while the person waits."""


@pytest.fixture
def project():
    return factories.make_drafted(1)


def told(person: User) -> list[tuple[str, str, str]]:
    """Kind, sentence and what follows it, the oldest first."""
    found = inbox.page(person, inbox.Wanted()).notices
    said = notice_words.told(person, found)
    return [(each.kind, each.sentence, each.more) for each in reversed(said)]


def receive(project, lena, text: bytes):
    return receiving.receive(
        project=project, actor=lena, file=io.BytesIO(text), name="rows.json"
    )


def start(project, lena, count: int) -> Rewrite:
    return rewriting.start(
        project=project,
        actor=lena,
        coach=rewriting.coach_for(project),
        name="set.json",
        rows=rewriting.rows_of_objects(factories.rows(count)),
    )


def answer(rewrite: Rewrite, problems: list[str]) -> None:
    """The coach's answers in the dataset's order; an empty problem is none."""
    message = rewriting.take(rewrite.pk)
    assert message
    results = [
        DraftResult(
            key=each.key,
            text=each.text if problem else factories.better(each.text),
            problem=problem,
        )
        for each, problem in zip(message.requests, problems, strict=True)
    ]
    rewriting.store(rewrite_id=rewrite.pk, results=results)


def test_a_failed_import_is_news_of_a_kind_of_its_own(project, lena):
    batch = receive(project, lena, CUT_OFF)
    importing.read(batch.pk)

    [(kind, sentence, problem)] = told(lena)
    assert (kind, sentence) == (Kind.FAILED, "The import of rows.json failed.")
    assert problem.startswith("The file is not valid JSON")


def test_what_it_says_is_in_the_language_in_which_it_was_asked_for(project, lena):
    with translation.override("zh-hans"):
        batch = receive(project, lena, CUT_OFF)
    importing.read(batch.pk)

    batch.refresh_from_db()
    assert batch.problem.startswith("文件不是有效的 JSON")


def test_nobody_has_to_hear_of_what_is_done(project, lena):
    telling.choose(person=lena, chosen={Kind.JOB: Way.NONE})
    order = exporting.order_of({"shape": "audit", "file": "jsonl"})
    exporting.write(exporting.request(project=project, actor=lena, order=order).pk)

    assert told(lena) == []


def test_a_rewrite_without_a_usable_row_has_failed(project, lena):
    answer(start(project, lena, 2), ["engine_died", "loop"])

    assert told(lena) == [
        (
            Kind.FAILED,
            "The rewrite of set.json failed.",
            "2 rows stay raw: the coach wrote nothing usable for them.",
        )
    ]


def test_a_rewrite_says_how_many_rows_stay_raw(project, lena):
    answer(start(project, lena, 3), ["", "loop", "not_helpful"])

    assert told(lena) == [
        (
            Kind.JOB,
            "The dataset set.json is rewritten.",
            "1 row stays raw: the coach wrote nothing usable for it.",
        )
    ]


def test_a_rewrite_that_stands_still_is_told_once_a_silence(project, lena):
    rewrite = start(project, lena, 1)
    telling_of_work.rewrites_stand_still()
    assert told(lena) == []

    for hours in (2, 2, 1.5):  # it is resumed once, and falls silent again
        since = timezone.now().replace(microsecond=0) - timedelta(hours=hours)
        fixed = since.replace(minute=0, second=0) if hours == 2 else since
        Rewrite.objects.filter(pk=rewrite.pk).update(running_since=fixed)
        telling_of_work.rewrites_stand_still()

    assert [kind for kind, *_ in told(lena)] == [Kind.FAILED, Kind.FAILED]
    assert "stands still" in told(lena)[0][1]


def test_a_paused_rewrite_does_not_stand_still(project, lena):
    rewrite = start(project, lena, 1)
    day_ago = timezone.now() - timedelta(days=1)
    Rewrite.objects.filter(pk=rewrite.pk).update(running_since=day_ago)
    rewriting.pause(rewrite=rewrite, actor=lena)

    telling_of_work.rewrites_stand_still()

    assert not Notice.objects.exists()


def test_failures_reach_people_as_their_jobs_did(lena, anna):
    migration = import_module("annotator.migrations.0045_failures_as_jobs_were_chosen")
    telling.choose(person=lena, chosen={Kind.JOB: Way.AT_ONCE})

    with connection.cursor() as cursor:
        cursor.execute(migration.COPY)

    lena.refresh_from_db()
    anna.refresh_from_db()
    assert lena.notices == {"job": "at once", "failed": "at once"}
    assert anna.notices == {}
    with connection.cursor() as cursor:
        cursor.execute(migration.BACK)
    lena.refresh_from_db()
    assert lena.notices == {"job": "at once"}
