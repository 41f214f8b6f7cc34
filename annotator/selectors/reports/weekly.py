"""A project's weekly report: the one source of the page, the PDF and the API.

Everything is counted from rows by the database. A week is an ISO week in the server's
time zone (TIME_ZONE). Imported revisions took no time here and count in no figure about
people's work; neither do reviews that their author took back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain import report_hints
from annotator.domain.effort import Decision
from annotator.domain.gain import estimate
from annotator.domain.report_hints import Now, Seen
from annotator.domain.steps import WAYS, Step
from annotator.domain.weeks import Week
from annotator.models import AuditEvent, Batch, Project
from annotator.selectors.gain.counting import cells
from annotator.selectors.pairs import leads
from annotator.selectors.reports import parts
from annotator.selectors.reports.parts import (
    CAME,
    DRAFTED,
    Coaching,
    CoachWeek,
    Person,
    Quality,
    ReturnReason,
    Span,
    WeekWork,
)
from training.models import TrainingRun

TREND = 8
"""Weeks of the trend, the report's own among them."""
LISTED = 26
"""Weeks a page of the list."""


@dataclass(frozen=True, slots=True)
class StepWeek:
    """How many pairs (or reviews) took one step."""

    name: Step
    week: int
    before: int
    """In the week before."""
    total: int
    """From the beginning to the end of the week."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day of the week; reviews sent in, and verdicts of that day."""

    day: date
    reviewed: int
    accepted: int
    returned: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One of the last weeks; hours of active time, shares 0 to 1."""

    week: Week
    reviewed: int
    active_hours: float
    as_drafted_share: float | None
    """Of the reviews that had a usable draft."""
    accepted: int
    returned: int

    @property
    def as_drafted_percent(self) -> float | None:
        share = self.as_drafted_share
        return None if share is None else 100 * share


@dataclass(frozen=True, slots=True)
class Headline:
    """What the coach is worth, over the whole project; None: not enough reviews yet."""

    percent: int | None
    """How many per cent more accepted pairs an active hour, with the coach."""
    low: int | None
    high: int | None
    coached: int
    """Settled pairs with a draft."""
    control: int
    """Settled pairs of the arm without."""
    needed: int
    """Settled pairs an arm must have."""


@dataclass(frozen=True, slots=True)
class WeekReport:
    """One week of a project."""

    week: Week
    zone: str
    start: datetime
    end: datetime
    made_at: datetime
    is_current: bool
    """It is not over: all figures are so far."""
    steps: Sequence[StepWeek]
    days: Sequence[DayCount]
    trend: Sequence[Trend]
    work: WeekWork
    work_before: WeekWork
    quality: Quality
    quality_before: Quality
    reasons: Sequence[ReturnReason]
    people: Sequence[Person]
    coaches: Sequence[CoachWeek]
    coaching: Coaching
    headline: Headline
    now: Now | None
    """The queue at this moment; None for a week that is over."""
    looks: Sequence[Seen]


def this_week() -> Week:
    return Week.of(timezone.localtime(timezone=parts.zone()).date())


def _span(week: Week) -> Span:
    return Span(week.start(parts.zone()), week.end(parts.zone()))


def report(project: Project, week: Week) -> WeekReport:
    """Everything about one week; ValueError for a week that has not begun."""
    if week > this_week():
        raise ValueError(gettext("%(week)s has not begun.") % {"week": week})
    span, before = _span(week), _span(week.before)
    work, quality = parts.work(project, span), parts.quality(project, span)
    work_before = parts.work(project, before)
    coaching = parts.coaching(project, span)
    now = parts.now(project) if week == this_week() else None
    looks = report_hints.HintFigures(
        reviewed_before=work_before.reviews,
        rejected_rows=parts.rejected(project, span),
        now=now,
        **_looked_at(work, quality, coaching),
    )
    return WeekReport(
        week=week,
        zone=str(parts.zone()),
        start=week.start(parts.zone()),
        end=span.end,
        made_at=timezone.now(),
        is_current=now is not None,
        steps=_steps(project, week),
        days=_days(project, week),
        trend=_trend(project, week),
        work=work,
        work_before=work_before,
        quality=quality,
        quality_before=parts.quality(project, before),
        reasons=parts.reasons(project, span, before),
        people=parts.people(project, span),
        coaches=parts.by_coach(parts.reviews(project, span)),
        coaching=coaching,
        headline=headline(project),
        now=now,
        looks=report_hints.look(looks),
    )


def _looked_at(work: WeekWork, quality: Quality, coaching: Coaching) -> dict[str, int]:
    failed = [run for run in coaching.runs if run.state == TrainingRun.State.FAILED]
    return {
        "reviewed": work.reviews,
        "work_days": work.days,
        "with_draft": work.with_draft,
        "as_drafted": work.as_drafted,
        "rewritten": work.rewritten,
        "kept_raw": work.kept_raw,
        "judged": quality.judged,
        "judge_days": quality.days,
        "returned": quality.returned,
        "drafts": coaching.drafts,
        "unusable": coaching.unusable,
        "failed_runs": len(failed),
        "alarms": coaching.standing,
    }


def headline(project: Project) -> Headline:
    """The efficiency number, of people's time alone (see gains.py)."""
    gain = estimate.estimate(cells(project))
    ratio = gain.ratio
    return Headline(
        percent=_more(ratio.value) if ratio else None,
        low=_more(ratio.low) if ratio else None,
        high=_more(ratio.high) if ratio else None,
        coached=gain.coached.pairs,
        control=gain.control.pairs,
        needed=estimate.LEAST_PAIRS,
    )


def _more(ratio: float) -> int:
    return round(100 * (ratio - 1))


STEPS = (
    Step.IMPORTED,
    Step.EXCLUDED,
    Step.DRAFTED,
    Step.REVIEWED,
    Step.RETURNED,
    Step.ACCEPTED,
    Step.EXPORTED,
)
EVENTS = {
    Step.EXCLUDED: leads(WAYS[Step.EXCLUDED]),
    Step.DRAFTED: CAME,
    Step.EXPORTED: leads(WAYS[Step.EXPORTED]),
}


def _steps(project: Project, week: Week) -> list[StepWeek]:
    """The journey's steps in the week, in the week before, and up to its end."""
    span, before = _span(week), _span(week.before)
    counts = [_counts(project, each) for each in (span, before, Span(None, span.end))]
    return [StepWeek(step, *(count[step] for count in counts)) for step in STEPS]


def _counts(project: Project, span: Span) -> dict[str, int]:
    events = AuditEvent.objects.filter(span.of("at"), pair__project=project)
    steps = events.aggregate(
        **{
            name: Count("pair", distinct=True, filter=step)
            for name, step in EVENTS.items()
        }
    )
    imported = Batch.objects.filter(span.of("created_at"), project=project)
    judged = parts.verdicts(project, span).aggregate(
        returned=Count("pk", filter=Q(accepted=False)),
        # Last: after it the name would mean the count.
        accepted=Count("pk", filter=Q(accepted=True)),
    )
    return {
        Step.IMPORTED: imported.aggregate(n=Sum("imported", default=0))["n"],
        Step.REVIEWED: parts.reviews(project, span).count(),
        **steps,
        **judged,
    }


def _days(project: Project, week: Week) -> list[DayCount]:
    span = _span(week)
    sent_in = _by(
        parts.reviews(project, span), TruncDate("submitted_at", tzinfo=parts.zone())
    )
    day = TruncDate("created_at", tzinfo=parts.zone())
    judged = {
        accepted: _by(parts.verdicts(project, span).filter(accepted=accepted), day)
        for accepted in (True, False)
    }
    return [
        DayCount(
            each, sent_in.get(each, 0), *(judged[a].get(each, 0) for a in (True, False))
        )
        for each in week.days
    ]


def _by(rows: QuerySet[Any], when: Any) -> dict[Any, int]:
    found = rows.annotate(when=when).order_by().values_list("when")
    return dict(found.annotate(Count("pk")))


def _trend(project: Project, week: Week) -> list[Trend]:
    """The last weeks up to this one, oldest first."""
    weeks = [week]
    while len(weeks) < TREND:
        weeks.insert(0, weeks[0].before)
    lines = _lines(project, Span(weeks[0].start(parts.zone()), week.end(parts.zone())))
    return [lines.get(each, Trend(each, 0, 0.0, None, 0, 0)) for each in weeks]


def _lines(project: Project, span: Span) -> dict[Week, Trend]:
    """The weeks of a span in which anything was sent in or judged."""
    worked = (
        parts.reviews(project, span)
        .annotate(when=TruncWeek("submitted_at", tzinfo=parts.zone()))
        .order_by()
        .values("when")
        .annotate(
            n=Count("pk"),
            seconds=Sum("active_seconds", default=0.0),
            drafted=Count("pk", filter=DRAFTED),
            as_is=Count("pk", filter=DRAFTED & Q(decision=Decision.ACCEPTED)),
        )
    )
    judged = (
        parts.verdicts(project, span)
        .annotate(when=TruncWeek("created_at", tzinfo=parts.zone()))
        .order_by()
        .values("when")
        .annotate(
            good=Count("pk", filter=Q(accepted=True)),
            bad=Count("pk", filter=Q(accepted=False)),
        )
    )
    by_week: dict[Week, dict[str, Any]] = {}
    for row in (*worked, *judged):
        by_week.setdefault(Week.of(row["when"].date()), {}).update(row)
    return {week: _line(week, row) for week, row in by_week.items()}


def _line(week: Week, row: dict[str, Any]) -> Trend:
    drafted = row.get("drafted", 0)
    return Trend(
        week=week,
        reviewed=row.get("n", 0),
        active_hours=row.get("seconds", 0.0) / 3600,
        as_drafted_share=row["as_is"] / drafted if drafted else None,
        accepted=row.get("good", 0),
        returned=row.get("bad", 0),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """Some weeks that have work, newest first, and where the next page begins."""

    weeks: Sequence[Trend]
    earlier: Week | None
    """Give this back for the weeks that follow; None at the end."""


def weeks(project: Project, newest: Week | None = None) -> Listed:
    """The weeks in which anything was imported, sent in or judged."""
    last = newest or this_week()
    first = Week.of(last.monday - timedelta(weeks=LISTED - 1))
    span = Span(first.start(parts.zone()), last.end(parts.zone()))
    lines = _lines(project, span)
    imports = project.batches.filter(span.of("created_at"))
    for moment in imports.values_list("created_at", flat=True):
        week = Week.of(moment.astimezone(parts.zone()).date())
        lines.setdefault(week, Trend(week, 0, 0.0, None, 0, 0))
    # A project's work begins with its first import.
    earlier = project.batches.filter(created_at__lt=span.start).exists()
    return Listed(
        weeks=[lines[week] for week in sorted(lines, reverse=True)],
        earlier=first.before if earlier else None,
    )
