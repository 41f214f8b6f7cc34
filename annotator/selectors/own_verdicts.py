"""How many judged reviews were judged by nobody but their author."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q

from annotator.models import Project, Verdict


@dataclass(frozen=True, slots=True)
class OwnVerdicts:
    """Of a project's judged reviews."""

    judged: int
    own: int


def of_project(project: Project) -> OwnVerdicts:
    """Counted in one query, over all times."""
    judged = Verdict.objects.filter(
        review__pair__project=project, kind=Verdict.Kind.JUDGED
    )
    own = Q(judge=F("review__author"))
    return OwnVerdicts(
        **judged.aggregate(judged=Count("pk"), own=Count("pk", filter=own))
    )


def by_person(project: Project) -> dict[int, int]:
    """How many of their own reviews each person judged, by primary key."""
    own = Verdict.objects.own().filter(review__pair__project=project)
    return dict(own.order_by().values_list("judge").annotate(Count("pk")))
