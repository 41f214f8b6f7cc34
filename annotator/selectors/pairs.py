"""Looking for pairs: every filter a person may set, one query a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from annotator.domain.effort import Decision
from annotator.domain.steps import WAYS, Step, Way
from annotator.models import (
    AuditEvent,
    Membership,
    Pair,
    PairTag,
    Project,
    Review,
    RubricTag,
    User,
)
from annotator.selectors.days import begin_of
from training.models import CoachVersion

PAGE = 50


def seen_by(person: User, project: Project) -> QuerySet[Pair]:
    """Pairs of the project, and those of the person's own checks, which look alike."""
    found = Pair.objects.select_related("batch", "project", "draft")
    check = Q(project__checks_of=project, as_check__person=person)
    return found.filter(Q(project=project) | check)


@dataclass(frozen=True, slots=True)
class PairFilter:
    """What a pair must be like; empty and None ask for nothing."""

    text: str = ""
    """In any field of the raw pair, whatever the case."""
    state: str = ""
    unit: int | None = None
    """Of the author of a standing review; where members have units."""
    person: str = ""
    """User name of the author of a standing review."""
    tag: str = ""
    """Key of a criterion that a standing review marked."""
    coach: int | None = None
    """The coach version of the present draft."""
    distance_min: int | None = None
    """Characters from raw to final, of a standing review."""
    distance_max: int | None = None
    leave_out: Sequence[str] = ()
    """States of which no pair is shown."""
    batch: int | None = None
    category: str | None = None
    """Empty: the file says none."""
    label: str = ""
    """A tag that a rule gave the pair."""
    step: str = ""
    """A step; the days below are then those of its first time."""
    since: date | None = None
    """First and last day: of the step, else of the submit of a review."""
    until: date | None = None
    decision: str = ""
    by_coach: int | None = None
    """Whose draft a review was shown; 0: none."""
    verdict: str = ""
    """On a review: accepted, returned, or none."""
    reason: str = ""
    """Why a review was returned."""
    field: str = ""
    """In which a review changed something."""
    seconds_min: int | None = None
    """Active seconds of a review: at least this."""
    seconds_max: int | None = None
    """Less than this."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some pairs in import order, and where the next page begins."""

    rows: Sequence[tuple[Pair, Sequence[Review]]]
    """Each pair with its standing reviews, oldest first."""
    after: int | None
    """Give this back for the pairs that follow; None at the end."""


def search(project: Project, wanted: PairFilter, after: int = 0) -> Page:
    """Up to PAGE pairs behind `after` (a primary key): no page is ever counted off."""
    pairs = Pair.objects.filter(project=project, pk__gt=after)
    found = _filtered(pairs, wanted).select_related("batch", "draft__coach")
    standing = Review.objects.standing().select_related("author").order_by("pk")
    reviews = Prefetch("reviews", queryset=standing, to_attr="standing_reviews")
    rows = list(found.prefetch_related(reviews).order_by("pk")[: PAGE + 1])
    return Page(
        rows=[(pair, pair.standing_reviews) for pair in rows[:PAGE]],
        after=rows[PAGE - 1].pk if len(rows) > PAGE else None,
    )


def _filtered(pairs: QuerySet[Pair], wanted: PairFilter) -> QuerySet[Pair]:
    if wanted.text:
        pairs = pairs.filter(
            Q(instruction__icontains=wanted.text)
            | Q(input__icontains=wanted.text)
            | Q(response__icontains=wanted.text)
        )
    exact = {
        "state": wanted.state or None,
        "draft__coach": wanted.coach,
        "batch": wanted.batch,
        "category": wanted.category,
    }
    pairs = pairs.filter(**{k: v for k, v in exact.items() if v is not None})
    if wanted.leave_out:
        pairs = pairs.exclude(state__in=wanted.leave_out)
    if wanted.label:
        tags = PairTag.objects.filter(pair=OuterRef("pk"), name=wanted.label)
        pairs = pairs.filter(Exists(tags))
    if wanted.step:
        pairs = _at_step(pairs, wanted)
    asked = _reviews(wanted)
    return pairs if asked is None else pairs.filter(Exists(asked))


def leads(way: Way) -> Q:
    """The events that bring a pair to a step."""
    told = Q()
    if way.action:
        told &= Q(action=way.action)
    if way.old:
        told &= Q(old_state=way.old)
    if way.new:
        told &= Q(new_state=way.new)
    return told & ~Q(old_state__in=way.not_from) if way.not_from else told


def _at_step(pairs: QuerySet[Pair], wanted: PairFilter) -> QuerySet[Pair]:
    """Pairs that came to the step, for the first time in the days asked for."""
    start, stop = _moments(wanted)
    if wanted.step == Step.IMPORTED:
        return pairs.filter(created_at__gte=start, created_at__lt=stop)
    if wanted.step == Step.REVIEWED:
        own = Review.objects.handed_in().filter(pair=OuterRef("pk"), is_imported=False)
        first = Subquery(own.order_by("pk").values("submitted_at")[:1])
    else:
        ways = AuditEvent.objects.filter(
            leads(WAYS[Step(wanted.step)]), pair=OuterRef("pk")
        )
        first = Subquery(ways.order_by("pk").values("at")[:1])
    return pairs.annotate(first_at=first).filter(first_at__gte=start, first_at__lt=stop)


def _moments(wanted: PairFilter) -> tuple[datetime, datetime]:
    """The begin of the first day, and the end of the last."""
    start = wanted.since or date(1, 1, 2)
    stop = wanted.until or date(9998, 12, 30)
    return begin_of(start), begin_of(stop + timedelta(days=1))


def _reviews(wanted: PairFilter) -> QuerySet[Review] | None:
    """The one standing review that fulfils all that is asked of a review."""
    asked = _worked(wanted) & _judged(wanted)
    if wanted.unit is not None:
        members = Membership.objects.filter(unit=wanted.unit)
        asked &= Q(author__in=members.values("user"))
    if wanted.person:
        asked &= Q(author__username=wanted.person)
    if wanted.tag:
        tags = RubricTag.objects.filter(review=OuterRef("pk"), criterion=wanted.tag)
        asked &= Q(Exists(tags))
    if wanted.distance_min is not None:
        asked &= Q(distance_raw_final__gte=wanted.distance_min)
    if wanted.distance_max is not None:
        asked &= Q(distance_raw_final__lte=wanted.distance_max)
    if not asked:
        return None
    return Review.objects.standing().filter(asked, pair=OuterRef("pk"))


OF_DRAFTS = (
    Decision.ACCEPTED,
    Decision.EDITED,
    Decision.REWRITTEN,
    Decision.KEPT_RAW,
)
"""Decisions about a draft: one that could not be used does not count."""


def _worked(wanted: PairFilter) -> Q:
    """What is asked of the work on a review made here."""
    asked = Q()
    if (wanted.since or wanted.until) and not wanted.step:
        start, stop = _moments(wanted)
        asked &= Q(submitted_at__gte=start, submitted_at__lt=stop, is_imported=False)
    if wanted.decision:
        asked &= Q(decision=wanted.decision, is_imported=False)
        if wanted.decision in OF_DRAFTS:
            asked &= Q(draft__problem="")
    if wanted.by_coach == 0:
        asked &= Q(draft=None, is_imported=False)
    elif wanted.by_coach is not None:
        asked &= Q(draft__coach=wanted.by_coach)
    if wanted.field:
        asked &= Q((f"distance_{wanted.field}__gt", 0))
    return asked & _timed(wanted)


def _timed(wanted: PairFilter) -> Q:
    """What is asked of the active time of a review made here."""
    asked = Q()
    if wanted.seconds_min is not None:
        asked &= Q(active_seconds__gte=wanted.seconds_min, is_imported=False)
    if wanted.seconds_max is not None:
        asked &= Q(active_seconds__lt=wanted.seconds_max, is_imported=False)
    return asked


def _judged(wanted: PairFilter) -> Q:
    """What is asked of quality control's answer to a review made here."""
    asked = Q()
    if wanted.verdict == "none":
        asked &= Q(verdict=None)
    elif wanted.verdict:
        accepted = wanted.verdict == "accepted"
        asked &= Q(verdict__accepted=accepted, is_imported=False)
    if wanted.reason:
        asked &= Q(verdict__reason=wanted.reason)
    return asked


def coaches(project: Project) -> QuerySet[CoachVersion]:
    """The coaches that have drafted in the project, newest first."""
    return CoachVersion.objects.filter(scope=project.scope).order_by("-pk")


def labels(project: Project) -> list[str]:
    """The tags that rules gave pairs of the project."""
    found = PairTag.objects.filter(project=project).order_by("name")
    return list(found.values_list("name", flat=True).distinct())


def people(project: Project) -> list[str]:
    """User names of the members."""
    members = project.memberships.order_by("user__username")
    return list(members.values_list("user__username", flat=True))
