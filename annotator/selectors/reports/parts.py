"""One week's rows, counted by the database: the parts of a weekly report.

Imported revisions took no time here and count in no figure about people's work; neither
do reviews that their author took back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.aggregates import Aggregate
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotator.domain.actions import Action
from annotator.domain.effort import Decision
from annotator.domain.report_hints import Now
from annotator.domain.states import PairState
from annotator.models import (
    AuditEvent,
    DriftAlarm,
    Pair,
    Project,
    Review,
    Verdict,
)
from training import selectors as coaches_of
from training.models import Evaluation, Promotion, TrainingRun


class Median(Aggregate):
    """PostgreSQL's exact median."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


DRAFTED = Q(draft__isnull=False, draft__problem="")
CLOCKED = Q(active_seconds__gt=0)
CAME = Q(old_state=PairState.DRAFTING, new_state=PairState.READY) | Q(
    action=Action.DRAFTED_ANEW
)
"""Of the log: a draft came back from the coach."""


@dataclass(frozen=True, slots=True)
class WeekWork:
    """What people did in a week."""

    reviews: int
    people: int
    active_hours: float
    """Of those reviews."""
    days: int
    """Days on which anybody sent a review in."""
    timed: int
    """Reviews with clocked time: what median and mean are of."""
    median_seconds: float | None
    mean_seconds: float | None
    with_draft: int
    """Reviews with a usable draft: what the next four are parts of."""
    as_drafted: int
    edited: int
    rewritten: int
    kept_raw: int
    mean_edit_distance: float | None
    """Characters from draft to final text."""
    without_draft: int
    """Reviews of pairs of the control arm, or whose draft could not be used."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What quality control did in a week."""

    judged: int
    accepted: int
    returned: int
    people: int
    days: int
    active_hours: float
    own: int
    """Of the judged: by the author of the review, so by nobody else."""


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """How often reviews were sent back for one reason."""

    reason: str
    week: int
    before: int


@dataclass(frozen=True, slots=True)
class Person:
    """One person's week. Pairs differ in difficulty: not a ranking."""

    username: str
    reviews: int
    active_hours: float
    median_seconds: float | None
    with_draft: int
    as_drafted: int
    judged: int
    """Of their reviews, in the week."""
    returned: int


@dataclass(frozen=True, slots=True)
class CoachWeek:
    """Reviews of a week that went on from one coach's drafts."""

    coach: int
    name: str
    reviews: int
    usable: int
    as_drafted: int
    mean_edit_distance: float | None
    """Characters from draft to final text, of usable drafts."""
    median_seconds: float | None

    @property
    def as_drafted_percent(self) -> float | None:
        """Of the usable drafts."""
        return 100 * self.as_drafted / self.usable if self.usable else None


@dataclass(frozen=True, slots=True)
class Coaching:
    """What became of coaches in a week."""

    promotions: Sequence[Promotion]
    runs: Sequence[TrainingRun]
    """Those that started or ended."""
    decisions: Sequence[Evaluation]
    """What the gate said."""
    alarms: Sequence[DriftAlarm]
    """Raised in the week."""
    standing: int
    """Alarms that nobody has acknowledged, whenever they were raised."""
    drafts: int
    unusable: int
    """Drafts written in the week, and those of them that could not be used."""


def zone() -> tzinfo:
    """Whose midnights bound the weeks."""
    return timezone.get_default_timezone()


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment (None: the beginning) up to, not including, another."""

    start: datetime | None
    end: datetime

    def of(self, field: str) -> Q:
        ended = Q(**{f"{field}__lt": self.end})
        return ended & Q(**{f"{field}__gte": self.start}) if self.start else ended


def reviews(project: Project, span: Span | None = None) -> QuerySet[Review]:
    """What counts as work: standing reviews of people, of the span or of all time."""
    found = Review.objects.standing().filter(pair__project=project, is_imported=False)
    found = found.exclude(slot=Review.Slot.RULING)  # a lead's choice, never clocked
    return found.filter(span.of("submitted_at")) if span else found


def verdicts(project: Project, span: Span | None = None) -> QuerySet[Verdict]:
    """Quality control's answers to people's reviews."""
    found = Verdict.objects.filter(
        review__pair__project=project, review__is_imported=False
    )
    return found.filter(span.of("created_at")) if span else found


def work(project: Project, span: Span) -> WeekWork:
    decided = {
        name: Count("pk", filter=DRAFTED & Q(decision=decision))
        for name, decision in {
            "as_drafted": Decision.ACCEPTED,
            "edited": Decision.EDITED,
            "rewritten": Decision.REWRITTEN,
            "kept_raw": Decision.KEPT_RAW,
        }.items()
    }
    row = reviews(project, span).aggregate(
        reviews=Count("pk"),
        people=Count("author", distinct=True),
        seconds=Sum("active_seconds", default=0.0),
        days=Count(TruncDate("submitted_at", tzinfo=zone()), distinct=True),
        timed=Count("pk", filter=CLOCKED),
        median_seconds=Median("active_seconds", filter=CLOCKED),
        mean_seconds=Avg("active_seconds", filter=CLOCKED),
        with_draft=Count("pk", filter=DRAFTED),
        mean_edit_distance=Avg("distance_draft_final", filter=DRAFTED),
        **decided,
    )
    hours = row.pop("seconds") / 3600
    return WeekWork(
        **row, active_hours=hours, without_draft=row["reviews"] - row["with_draft"]
    )


def quality(project: Project, span: Span) -> Quality:
    looked = Q(kind=Verdict.Kind.JUDGED)
    row = verdicts(project, span).aggregate(
        judged=Count("pk", filter=looked),
        own=Count("pk", filter=Q(judge=F("review__author"))),
        returned=Count("pk", filter=Q(accepted=False)),
        people=Count("judge", distinct=True),
        days=Count(
            TruncDate("created_at", tzinfo=zone()), distinct=True, filter=looked
        ),
        seconds=Sum("active_seconds", default=0.0),
        # Last: after it the name would mean the count.
        accepted=Count("pk", filter=Q(accepted=True)),
    )
    return Quality(**row | {"active_hours": row.pop("seconds") / 3600})


def reasons(project: Project, span: Span, before: Span) -> list[ReturnReason]:
    """Why reviews were sent back, the most frequent reason first."""
    both = Span(before.start, span.end)
    found = verdicts(project, both).filter(accepted=False).values("reason")
    rows = found.annotate(
        week=Count("pk", filter=span.of("created_at")),
        before=Count("pk", filter=before.of("created_at")),
    )
    return [ReturnReason(**row) for row in rows.order_by("-week", "-before", "reason")]


def people(project: Project, span: Span) -> list[Person]:
    """Everybody who sent a review in, or of whom one was judged, by name."""
    worked = (
        reviews(project, span)
        .order_by()
        .values(username=F("author__username"))
        .annotate(
            reviews=Count("pk"),
            seconds=Sum("active_seconds", default=0.0),
            median_seconds=Median("active_seconds", filter=CLOCKED),
            with_draft=Count("pk", filter=DRAFTED),
            as_drafted=Count("pk", filter=DRAFTED & Q(decision=Decision.ACCEPTED)),
        )
    )
    judged = (
        verdicts(project, span)
        .order_by()
        .values(username=F("review__author__username"))
        .annotate(judged=Count("pk"), returned=Count("pk", filter=Q(accepted=False)))
    )
    by_name: dict[str, dict[str, Any]] = {}
    for row in (*worked, *judged):
        by_name.setdefault(row["username"], {}).update(row)
    return [_person(name, by_name[name]) for name in sorted(by_name)]


def _person(name: str, row: dict[str, Any]) -> Person:
    return Person(
        username=name,
        reviews=row.get("reviews", 0),
        active_hours=row.get("seconds", 0.0) / 3600,
        median_seconds=row.get("median_seconds"),
        with_draft=row.get("with_draft", 0),
        as_drafted=row.get("as_drafted", 0),
        judged=row.get("judged", 0),
        returned=row.get("returned", 0),
    )


def by_coach(found: QuerySet[Review]) -> list[CoachWeek]:
    """Reviews by the coach whose draft they went on from, oldest coach first."""
    rows = (
        found.filter(draft__isnull=False)
        .order_by()
        .values(coach=F("draft__coach"), name=F("draft__coach__name"))
        .annotate(
            reviews=Count("pk"),
            usable=Count("pk", filter=DRAFTED),
            as_drafted=Count("pk", filter=DRAFTED & Q(decision=Decision.ACCEPTED)),
            mean_edit_distance=Avg("distance_draft_final", filter=DRAFTED),
            median_seconds=Median("active_seconds", filter=CLOCKED),
        )
    )
    return [CoachWeek(**row) for row in rows.order_by("coach")]


def coaching(project: Project, span: Span) -> Coaching:
    scope = project.scope
    runs = coaches_of.runs(scope).filter(
        span.of("created_at") | span.of("started_at") | span.of("ended_at")
    )
    decisions = Evaluation.objects.filter(span.of("created_at"), coach__scope=scope)
    alarms = project.drift_alarms.select_related("coach", "other", "acknowledged_by")
    drafts = _drafts(project, span)
    return Coaching(
        promotions=list(
            coaches_of.promotions(scope).filter(span.of("at")).order_by("pk")
        ),
        runs=list(runs.order_by("pk")),
        decisions=list(
            decisions.exclude(outcome="").select_related("coach__run").order_by("pk")
        ),
        alarms=list(alarms.filter(span.of("raised_at")).order_by("pk")),
        standing=alarms.filter(acknowledged_at=None).count(),
        **drafts,
    )


def _drafts(project: Project, span: Span) -> dict[str, int]:
    """Drafts that came back in a span, by the log, and those that were of no use."""
    came = AuditEvent.objects.filter(CAME, span.of("at"), pair__project=project)
    return came.aggregate(
        drafts=Count("pk"), unusable=Count("pk", filter=Q(pair__draft__problem__gt=""))
    )


def now(project: Project) -> Now:
    counts = Pair.objects.filter(project=project).by_state()
    return Now(
        ready=counts[PairState.READY],
        coming=counts[PairState.QUEUED] + counts[PairState.DRAFTING],
        waiting_quality=counts[PairState.REVIEWED],
        parked=counts[PairState.PARKED],
    )


def rejected(project: Project, span: Span) -> int:
    batches = project.batches.filter(span.of("created_at"))
    found: int = batches.aggregate(n=Sum("rejected", default=0))["n"]
    return found
