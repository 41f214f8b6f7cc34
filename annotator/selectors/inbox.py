"""What a person was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from annotator import policies
from annotator.models import Notice, Pair, Project, User

PAGE = 50
MOST = 100
"""Unread notices that a badge counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which notices to list; empty: all."""

    kind: str = ""
    project: str = ""
    """Its short name."""
    unread: bool = False
    before: int = 0
    """Below this number; 0: from the newest on."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Newest first; `before` begins the next page, 0 where there is none."""

    notices: Sequence[Notice]
    before: int


def of(person: User) -> QuerySet[Notice]:
    """The person's notices of projects that they may enter."""
    mine = Notice.objects.filter(person=person, project__deleting_since=None)
    if person.is_superuser:
        return mine
    entered = Project.objects.filter(memberships__user=person)
    return mine.filter(project__in=entered)


def page(person: User, wanted: Wanted) -> InboxPage:
    """One page of the inbox, with project and doer."""
    asked = Q()
    if wanted.kind:
        asked &= Q(kind=wanted.kind)
    if wanted.project:
        asked &= Q(project__slug=wanted.project)
    if wanted.unread:
        asked &= Q(read_at=None)
    if wanted.before:
        asked &= Q(pk__lt=wanted.before)
    found = of(person).filter(asked).select_related("project", "by").order_by("-pk")
    rows = list(found[: PAGE + 1])
    return InboxPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else 0)


def unread(person: User) -> list[Notice]:
    """The newest unread ones, up to MOST, with their projects."""
    found = of(person).filter(read_at=None).select_related("project")
    return list(found.defer("said").order_by("-pk")[:MOST])


def projects(person: User) -> list[tuple[str, str]]:
    """Short name and name of each project that the inbox has news of."""
    found = of(person).order_by("project__name").distinct()
    return list(found.values_list("project__slug", "project__name"))


def nameless(person: User, notices: Sequence[Notice]) -> set[int]:
    """Those (primary keys) whose doer the person must not know of now: they may be
    asked to judge the pair, blind, and the doer has written a review of it."""
    of_pairs = [each for each in notices if each.about == Notice.About.PAIR]
    pairs = {each.number or 0 for each in of_pairs if each.project.blind_author}
    found = Pair.objects.filter(pk__in=pairs).select_related("project")
    hidden: dict[int, set[int]] = {}
    for pair in found:
        if policies.blind_to(person, pair).author:
            authors = pair.reviews.values_list("author", flat=True)
            hidden[pair.pk] = {each for each in authors if each}
    return {
        each.pk
        for each in of_pairs
        if each.by_id in hidden.get(each.number or 0, set())
    }
