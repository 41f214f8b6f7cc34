"""A person's own figures, for themself."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils import timezone

from annotator.domain.effort import Decision
from annotator.domain.states import PairState
from annotator.models import Project, Review, User, Verdict


@dataclass(frozen=True, slots=True)
class Today:
    """Since midnight, in the time zone pages show."""

    reviews: int
    accepted_as_drafted: int
    active_minutes: float
    """Over those reviews."""
    sent_back: int
    """Reviews of theirs that quality control returned today."""
    came_back: int
    """Pairs that were returned, whenever it was, and wait for the person."""

    @property
    def an_hour(self) -> float | None:
        """Reviews an active hour."""
        return 60 * self.reviews / self.active_minutes if self.active_minutes else None


def today(person: User, project: Project) -> Today:
    """What the person did in the project today."""
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    reviews = Review.objects.handed_in().filter(
        author=person, pair__project=project, submitted_at__gte=start
    )
    row = reviews.aggregate(
        n=Count("pk"),
        accepted=Count("pk", filter=Q(decision=Decision.ACCEPTED)),
        seconds=Sum("active_seconds", default=0.0),
    )
    today_only = Q(created_at__gte=start)
    waits = Q(review__pair__state=PairState.READY, review__pair__reserved_for=person)
    returned = Verdict.objects.filter(
        today_only | waits,
        review__author=person,
        review__pair__project=project,
        accepted=False,
    ).aggregate(
        today=Count("pk", filter=today_only),
        waiting=Count("review__pair", filter=waits, distinct=True),
    )
    return Today(
        reviews=row["n"],
        accepted_as_drafted=row["accepted"],
        active_minutes=row["seconds"] / 60,
        sent_back=returned["today"],
        came_back=returned["waiting"],
    )
