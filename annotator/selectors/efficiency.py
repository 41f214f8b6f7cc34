"""What the reviews say about the work: per arm, per person, with its unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.aggregates import Aggregate

from annotator.domain.effort import Decision
from annotator.domain.states import Arm
from annotator.models import Project, Review


class Median(Aggregate):
    """PostgreSQL's exact median."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


SMALL = 20
"""Reviews in an arm below which nothing is said about the difference."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of the statistics; None where there is nothing to divide by."""

    label: str
    reviews: int
    people: int
    active_hours: float
    pairs_per_hour: float | None
    """Reviews an active hour of one person."""
    accepted_share: float | None
    """Of the reviews that had a usable draft: submitted exactly as drafted."""
    edited_share: float | None
    rewritten_share: float | None
    kept_raw_share: float | None
    with_draft: int
    mean_edit_distance: float | None
    """Characters from draft to final; for the control arm, from raw to final."""
    median_seconds: float | None
    """Active seconds a review."""


def by_arm(project: Project) -> Sequence[Figures]:
    """Both arms and all together. Imported reviews took no time here: left out."""
    reviews = _counted(project)
    rows = [_figures(str(arm), reviews.filter(arm=arm)) for arm in Arm]
    return [*rows, _figures("all", reviews)]


def by_person(project: Project) -> Sequence[Figures]:
    """The same for each author, by name."""
    reviews = _counted(project)
    people = reviews.values_list("author__username", flat=True).distinct()
    return [
        _figures(name, reviews.filter(author__username=name))
        for name in people.order_by("author__username")
    ]


def _counted(project: Project) -> QuerySet[Review]:
    found = Review.objects.standing().filter(pair__project=project, is_imported=False)
    # Nobody clocked what a lead wrote to settle two texts.
    return found.exclude(slot=Review.Slot.RULING)


def _figures(label: str, reviews: QuerySet[Review]) -> Figures:
    drafted = Q(draft__isnull=False, draft__problem="")
    row = reviews.aggregate(
        reviews=Count("pk"),
        people=Count("author", distinct=True),
        seconds=Sum("active_seconds", default=0.0),
        median=Median(F("active_seconds")),
        with_draft=Count("pk", filter=drafted),
        draft_distance=Avg("distance_draft_final", filter=drafted),
        raw_distance=Avg("distance_raw_final"),
        **{
            decision.value: Count("pk", filter=drafted & Q(decision=decision))
            for decision in Decision
        },
    )
    hours, drafts = row["seconds"] / 3600, row["with_draft"]
    return Figures(
        label=label,
        reviews=row["reviews"],
        people=row["people"],
        active_hours=hours,
        pairs_per_hour=row["reviews"] / hours if hours else None,
        accepted_share=_share(row[Decision.ACCEPTED], drafts),
        edited_share=_share(row[Decision.EDITED], drafts),
        rewritten_share=_share(row[Decision.REWRITTEN], drafts),
        kept_raw_share=_share(row[Decision.KEPT_RAW], drafts),
        with_draft=drafts,
        mean_edit_distance=row["draft_distance"] if drafts else row["raw_distance"],
        median_seconds=row["median"],
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
