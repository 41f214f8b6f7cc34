"""How far whole-dataset revisions have come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from annotator.models import Project, Rewrite, RewriteRow

WINDOW = timedelta(minutes=10)
"""The pace is that of the rows done in this time."""
SILENT = timedelta(minutes=2)
"""Running, and nothing has come back for so long: something may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteProgress:
    """Where a rewrite stands; counts of rows."""

    total: int
    done: int
    sent: int
    sources: dict[str, int]
    problems: dict[str, int]
    rows_per_minute: float | None
    """Of the last ten minutes; None while nothing can be said."""
    seconds_left: float | None
    is_silent: bool

    @property
    def left(self) -> int:
        """Rows that are not done yet."""
        return self.total - self.done

    @property
    def share(self) -> float:
        """Per cent that is done."""
        return 100 * self.done / self.total if self.total else 0.0


def of_project(project: Project) -> QuerySet[Rewrite]:
    """A project's rewrites, newest first, with `total` and `done` rows."""
    done = Q(rows__state=RewriteRow.State.DONE)
    return (
        Rewrite.objects.filter(project=project)
        .select_related("coach", "created_by")
        .annotate(total=Count("rows"), done=Count("rows", filter=done))
        .order_by("-pk")
    )


def progress(rewrite: Rewrite) -> RewriteProgress:
    """Counted from the rows, so that it is true whatever was killed."""
    states: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    groups = rewrite.rows.values_list("state", "source", "problem")
    for state, source, problem, count in groups.annotate(Count("pk")).order_by():
        states[state] += count
        sources[source] += count
        problems[problem] += count
    pace = _rows_per_minute(rewrite)
    left = states.total() - states[RewriteRow.State.DONE]
    return RewriteProgress(
        total=states.total(),
        done=states[RewriteRow.State.DONE],
        sent=states[RewriteRow.State.SENT],
        sources={s.value: sources[s] for s in RewriteRow.Source},
        problems={name: n for name, n in sorted(problems.items()) if name},
        rows_per_minute=pace,
        seconds_left=60 * left / pace if pace else None,
        is_silent=_is_silent(rewrite),
    )


def _rows_per_minute(rewrite: Rewrite) -> float | None:
    """Rows of the coach alone: those it was trained on cost no time."""
    if rewrite.state != Rewrite.State.RUNNING:
        return None
    now = timezone.now()
    since = max(now - WINDOW, rewrite.running_since)
    recent = rewrite.rows.filter(done_at__gt=since, seconds__gt=0).count()
    minutes = (now - since).total_seconds() / 60
    return recent / minutes if recent and minutes else None


def _is_silent(rewrite: Rewrite) -> bool:
    if rewrite.state != Rewrite.State.RUNNING:
        return False
    return timezone.now() - last_heard(rewrite) > SILENT


def last_heard(rewrite: Rewrite) -> datetime:
    """When a row was done last; else when it was started or resumed."""
    newest = rewrite.rows.aggregate(at=Max("done_at"))["at"]
    return max(newest or rewrite.running_since, rewrite.running_since)
