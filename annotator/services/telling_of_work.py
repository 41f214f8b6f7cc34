"""Telling people how their jobs ended, and leads what rang."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import (
    BackboneComparison,
    Batch,
    BlindRating,
    CoachStudy,
    DatasetReport,
    DriftCheck,
    Export,
    ModelStudy,
    Notice,
    Project,
    Rewrite,
    RewriteRow,
    RuleRun,
)
from annotator.selectors import rewrites
from annotator.services import telling
from annotator.services.news import News
from revision_engine.postprocess import Problem

_Job = (
    BackboneComparison
    | Batch
    | CoachStudy
    | DatasetReport
    | Export
    | ModelStudy
    | RuleRun
)
STANDS_STILL = timedelta(hours=1)
"""Running, and nothing has come back for so long."""
PROBLEM = 300
"""Characters of a problem that a notice repeats."""


def import_ended(batch: Batch) -> None:
    """Not of a small file that was read while the person waited."""
    waited = batch.size <= settings.READ_AT_ONCE_BYTES
    if batch.state == Batch.State.FAILED or not waited:
        _job(batch, batch.imported_by_id, Notice.About.BATCH, batch.name)


def export_ended(export: Export) -> None:
    _job(export, export.asked_by_id, Notice.About.EXPORT, export.name)


def dataset_report_ended(report: DatasetReport) -> None:
    _job(report, report.asked_by_id, Notice.About.DATASET_REPORT, report.name)


def model_study_ended(study: ModelStudy) -> None:
    _job(study, study.asked_by_id, Notice.About.MODEL_STUDY, study.name)


def coach_study_ended(study: CoachStudy) -> None:
    _job(study, study.asked_by_id, Notice.About.COACH_STUDY, study.name)


def backbones_compared(comparison: BackboneComparison) -> None:
    _job(comparison, comparison.asked_by_id, Notice.About.BACKBONES, "")


def asked_to_rate(rating: BlindRating, people: Iterable[int]) -> None:
    """Whoever is asked hears of it; not of what is compared with what."""
    event = News(
        kind=Kind.RATE,
        project=rating.project,
        about=Notice.About.RATING,
        number=rating.pk,
        key=f"{Notice.About.RATING}:{rating.pk}",
        by=rating.asked_by,
        said={"mode": str(rating.mode)},
    )
    telling.tell(event, people)


def rules_ended(run: RuleRun) -> None:
    _job(run, run.started_by_id, Notice.About.RULES, "")


def rewrite_ended(rewrite: Rewrite) -> None:
    """One that has no usable row of the coach has failed, though it is done."""
    asked = rewrite.rows.exclude(source=RewriteRow.Source.EXPERTS)
    raw = asked.exclude(problem__in=["", Problem.NOT_HELPFUL]).count()
    state = "failed" if raw and raw == asked.count() else "done"
    _rewrite(rewrite, state, raw=raw)


def rewrites_stand_still() -> None:
    """Tell of each running rewrite of which nothing comes back, once a silence."""
    for rewrite in Rewrite.objects.filter(state=Rewrite.State.RUNNING).order_by("pk"):
        heard = rewrites.last_heard(rewrite)
        if timezone.now() - heard > STANDS_STILL:
            _rewrite(rewrite, "silent", heard.isoformat())


def _rewrite(rewrite: Rewrite, state: str, when: str = "", **said: object) -> None:
    event = _event(
        rewrite.project, rewrite, Notice.About.REWRITE, rewrite.name, "", state, when
    )
    told = replace(event, said={**event.said, **said})
    telling.tell(told, [rewrite.created_by_id or 0])


def _job(
    job: _Job,
    asked_by: int | None,
    about: Notice.About,
    name: str,
) -> None:
    """Tell whoever asked for it, if it is done or has failed."""
    if job.state not in ("done", "failed", "undone"):
        return
    when = job.ended_at.isoformat() if job.ended_at else ""
    event = _event(job.project, job, about, name, job.problem, job.state, when)
    telling.tell(event, [asked_by or 0])


def _event(
    project: Project,
    job: _Job | Rewrite,
    about: Notice.About,
    name: str,
    problem: str,
    state: str,
    when: str = "",
) -> News:
    return News(
        kind=Kind.FAILED if state in ("failed", "silent") else Kind.JOB,
        project=project,
        about=about,
        number=job.pk,
        key=f"{about}:{job.pk}:{state}:{when}",
        said={"name": name, "state": state, "problem": problem[:PROBLEM]},
    )


def drift_rang(check: DriftCheck, alarms: int) -> None:
    """Everybody who sees the statistics hears of alarms that had not rung before."""
    event = News(
        kind=Kind.DRIFT,
        project=check.project,
        about=Notice.About.DRIFT,
        key=f"drift:{check.pk}",
        said={"alarms": alarms},
    )
    telling.tell(event, telling.those_who(check.project, Deed.SEE_STATS))
