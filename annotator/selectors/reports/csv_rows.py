"""The rows behind a weekly report: what its figures are counted from, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import F

from annotator.domain.weeks import Week
from annotator.models import AuditEvent, Project
from annotator.selectors.reports import parts
from annotator.selectors.reports.parts import Span

Rows = tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]
"""The heads, and the rows in the order of time."""


def reviews(project: Project, span: Span) -> Rows:
    """The reviews that people sent in."""
    heads = ("review", "pair", "person", "submitted_at", "arm", "decision")
    rest = ("coach", "draft_problem", "distance_draft_final", "active_seconds")
    found = parts.reviews(project, span).values_list(
        *("pk", "pair", "author__username", "submitted_at", "arm", "decision"),
        *("draft__coach__name", "draft__problem"),
        *("distance_draft_final", "active_seconds"),
    )
    return (*heads, *rest), found.order_by("submitted_at", "pk").iterator(1000)


def verdicts(project: Project, span: Span) -> Rows:
    """Quality control's answers."""
    heads = ("verdict", "review", "pair", "author", "judge", "judged_at")
    found = parts.verdicts(project, span).values_list(
        *("pk", "review", "review__pair", "review__author__username"),
        *("judge__username", "created_at", "accepted", "reason", "active_seconds"),
    )
    rest = ("accepted", "reason", "active_seconds")
    return (*heads, *rest), found.order_by("created_at", "pk").iterator(1000)


def events(project: Project, span: Span) -> Rows:
    """Every step of a pair, by the log."""
    heads = ("event", "pair", "at", "action", "old_state", "new_state", "actor")
    found = AuditEvent.objects.filter(span.of("at"), pair__project=project)
    rows = found.order_by("at", "pk").values_list(
        *("pk", "pair", "at", "action", "old_state", "new_state"),
        F("actor__username"),
    )
    return heads, rows.iterator(1000)


KINDS: dict[str, Callable[[Project, Span], Rows]] = {
    "reviews": reviews,
    "verdicts": verdicts,
    "events": events,
}


def rows(project: Project, week: Week, of: str) -> Rows:
    """The rows of one kind; KeyError for a kind there is not."""
    span = Span(week.start(parts.zone()), week.end(parts.zone()))
    return KINDS[of](project, span)
