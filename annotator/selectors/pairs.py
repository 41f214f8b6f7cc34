"""Looking for pairs: every filter a person may set, one query a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from annotator.models import Pair, Project, Review, RubricTag
from training.models import CoachVersion

PAGE = 50


@dataclass(frozen=True, slots=True)
class PairFilter:
    """What a pair must be like; empty and None ask for nothing."""

    text: str = ""
    """In any field of the raw pair, whatever the case."""
    state: str = ""
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
    if wanted.state:
        pairs = pairs.filter(state=wanted.state)
    if wanted.leave_out:
        pairs = pairs.exclude(state__in=wanted.leave_out)
    if wanted.coach is not None:
        pairs = pairs.filter(draft__coach=wanted.coach)
    asked = _reviews(wanted)
    return pairs if asked is None else pairs.filter(Exists(asked))


def _reviews(wanted: PairFilter) -> QuerySet[Review] | None:
    """The one standing review that fulfils all that is asked of a review."""
    asked = Q()
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


def coaches(project: Project) -> QuerySet[CoachVersion]:
    """The coaches that have drafted in the project, newest first."""
    return CoachVersion.objects.filter(scope=project.scope).order_by("-pk")


def people(project: Project) -> list[str]:
    """User names of the members."""
    members = project.memberships.order_by("user__username")
    return list(members.values_list("user__username", flat=True))
