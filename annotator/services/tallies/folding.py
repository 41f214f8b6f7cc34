"""Bring the dashboard's tallies up to date: days with new rows are counted anew.

Why nothing is missed: a mark (models.StaleHour) is committed with its row. We take
the marks first and count afterwards, with a newer view of the rows; so each row whose
mark we took is counted, and one that is committed meanwhile has a mark for next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from annotator.domain import effort
from annotator.models import (
    AuditEvent,
    Pair,
    PairTally,
    Project,
    Review,
    ReviewTally,
    StaleHour,
    TallyState,
)
from annotator.selectors.days import begin_of
from annotator.selectors.tallies import without_jit
from annotator.services.tallies import sql
from training.examples import FIELDS

LOCK = 11
"""First key of the advisory lock; the second is the project."""
CHUNK = 1000
SOON = 2
"""Stale days up to which a page brings the tallies up to date itself,"""
FEW = 3000
"""if there are no more events on them than this; else it is left to the clock."""


@transaction.atomic
def fold(project: Project) -> None:
    """Count all stale days of a project anew; all days if the shape has changed."""
    _lock(project)
    _fold(project)


@transaction.atomic
def fold_if_quick(project: Project) -> None:
    """The same for a page: not if there is much to count, or somebody else counts."""
    known = TallyState.objects.filter(project=project).first()
    if known and known.shape != sql.shape():
        return
    hours = StaleHour.objects.filter(project=project).values_list("hour", flat=True)
    days = days_of(hours.distinct()[: 48 * SOON])
    if 0 < len(days) <= SOON and _are_quick(days) and _try_lock(project):
        _fold(project)


def _are_quick(days: Sequence[date]) -> bool:
    found = Q()
    for day in days:
        found |= Q(at__gte=begin_of(day), at__lt=begin_of(day + timedelta(days=1)))
    return AuditEvent.objects.filter(found)[: FEW + 1].count() <= FEW


def rebuild(project: Project) -> None:
    """Count everything anew."""
    TallyState.objects.filter(project=project).update(shape="")
    fold(project)


def projects_to_fold() -> list[Project]:
    """Those with marks, and those counted before an upgrade."""
    marked = StaleHour.objects.values("project").distinct()
    outdated = TallyState.objects.exclude(shape=sql.shape()).values("project")
    return list(Project.objects.filter(pk__in=marked.union(outdated)))


def _fold(project: Project) -> None:
    measure(project)
    now = timezone.now()
    known = TallyState.objects.filter(project=project).first()
    days = days_of(_take_marks(project))
    if known and known.shape != sql.shape():
        days = all_days(project)
        for model in (PairTally, ReviewTally):
            model.objects.filter(project=project).delete()
    if days:
        _count(project, days)
    TallyState.objects.update_or_create(
        project=project, defaults={"shape": sql.shape(), "folded_at": now}
    )


def _take_marks(project: Project) -> set[datetime]:
    """Delete the marks, and say which they were: in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM annotator_stalehour WHERE project_id = %s RETURNING hour",
            [project.pk],
        )
        return {hour for (hour,) in cursor.fetchall()}


def _count(project: Project, days: Sequence[date]) -> None:
    months = sorted({day.replace(day=1) for day in days})
    PairTally.objects.filter(project=project, day__in=days).delete()
    reviews = ReviewTally.objects.filter(project=project)
    reviews.filter(grain=ReviewTally.Grain.DAY, day__in=days).delete()
    reviews.filter(grain=ReviewTally.Grain.MONTH, day__in=months).delete()
    given: dict[str, Any] = {"project": project.pk, "days": days, "months": months}
    with without_jit(), connection.cursor() as cursor:
        for run in runs(days):
            one = spans(run) | {"project": project.pk}
            cursor.execute(sql.insert(PairTally, sql.OF_PAIRS), one)
            cursor.execute(sql.insert(ReviewTally, sql.OF_REVIEWS), one)
        cursor.execute(sql.insert(ReviewTally, sql.OF_MONTHS), given)
        cursor.execute(sql.insert(ReviewTally, sql.OF_WHOLES), given)


def days_of(hours: Iterable[datetime]) -> list[date]:
    """The days that hours (UTC) lie in; where days begin at half past, both."""
    zone = timezone.get_default_timezone()
    last = timedelta(minutes=59, seconds=59)
    ends = ((hour.astimezone(zone), (hour + last).astimezone(zone)) for hour in hours)
    return sorted({end.date() for both in ends for end in both})


def runs(days: Sequence[date]) -> list[list[date]]:
    """Days in order, split where one is left out."""
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return found


def spans(days: Sequence[date]) -> dict[str, Any]:
    """Days that follow each other, with begins and ends: what the statements take."""
    begins = [begin_of(day) for day in days]
    ends = [begin_of(day + timedelta(days=1)) for day in days]
    return {
        "days": list(days),
        "starts": begins,
        "stops": ends,
        "first": begins[0] if begins else None,
        "last": ends[-1] if ends else None,
    }


def all_days(project: Project) -> list[date]:
    """From the first row of a project to the last day that anything bears."""
    pairs = Pair.objects.filter(project=project)
    seen = pairs.aggregate(first=Min("created_at"), last=Max("state_since"))
    reviews = Review.objects.filter(pair__project=project).aggregate(
        first=Min("submitted_at"), last=Max("submitted_at")
    )
    moments = [m for m in (*seen.values(), *reviews.values()) if m]
    if not moments:
        return []
    first, last = days_of([min(moments)])[0], days_of([max(*moments, timezone.now())])
    return [first + timedelta(days=n) for n in range((last[-1] - first).days + 1)]


def measure(project: Project) -> None:
    """Fill in the distances of single fields where they are not known yet."""
    unmeasured = Review.objects.filter(
        pair__project=project,
        distance_response=None,
        is_imported=False,
        withdrawn_at=None,
    ).select_related("pair", "draft")
    while chunk := list(unmeasured.order_by("pk")[:CHUNK]):
        for review in chunk:
            shown = review.draft or review.pair
            for field, distance in effort.by_field(shown.text, review.text).items():
                setattr(review, f"distance_{field}", distance)
        Review.objects.bulk_update(chunk, [f"distance_{field}" for field in FIELDS])


def _lock(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, project.pk])


def _try_lock(project: Project) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, project.pk])
        return bool(cursor.fetchone()[0])
