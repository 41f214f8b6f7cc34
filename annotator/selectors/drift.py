"""Generations of a project's coach on the same pairs, as the last check found them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from annotator.models import DriftAlarm, DriftCheck, DriftFigure, Project
from annotator.selectors.reports import parts
from annotator.selectors.reports.parts import CoachWeek
from training import selectors
from training.models import CoachVersion, Promotion
from training.services.generations import Drafted, drafts_of


@dataclass(frozen=True, slots=True)
class Generation:
    """One coach that has drafted for the project, by its first promotion."""

    number: int
    """1 for the first."""
    coach: CoachVersion
    promotion: Promotion
    is_active: bool
    is_reference: bool
    is_measured: bool
    """Whether the check has drafts of it."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What the drift page shows."""

    check: DriftCheck | None
    """None: nothing has been measured yet."""
    generations: Sequence[Generation]
    fixed: Sequence[DriftFigure]
    """Of each generation on the pairs that all of them share."""
    compared: Sequence[DriftFigure]
    """Of each generation beside the reference and the one before."""
    standing: Sequence[DriftAlarm]
    acknowledged: Sequence[DriftAlarm]
    live: Sequence[CoachWeek]
    """People's reviews of each coach's drafts, over all time."""


def drift(project: Project) -> Drift:
    """Everything about drift, from rows alone."""
    made = latest_check(project)
    figures = list(made.figures.select_related("coach", "other")) if made else []
    alarms = list(_alarms(project)[:200])
    return Drift(
        check=made,
        generations=_generations(project, made, {each.coach_id for each in figures}),
        fixed=[each for each in figures if not each.against],
        compared=[each for each in figures if each.against],
        standing=[each for each in alarms if each.acknowledged_at is None],
        acknowledged=[each for each in alarms if each.acknowledged_at],
        live=parts.by_coach(parts.reviews(project)),
    )


def latest_check(project: Project) -> DriftCheck | None:
    return project.drift_checks.select_related("reference").order_by("-pk").first()


def standing(project: Project) -> list[DriftAlarm]:
    """The alarms that nobody has acknowledged, newest first."""
    return list(_alarms(project).filter(acknowledged_at=None))


def _alarms(project: Project) -> QuerySet[DriftAlarm]:
    found = DriftAlarm.objects.filter(project=project)
    return found.select_related("coach", "other", "acknowledged_by")


def _generations(
    project: Project, made: DriftCheck | None, measured: set[int]
) -> list[Generation]:
    active = selectors.active_coach(project.scope)
    return [
        Generation(
            number=number,
            coach=promotion.coach,
            promotion=promotion,
            is_active=promotion.coach == active,
            is_reference=made is not None and promotion.coach == made.reference,
            is_measured=promotion.coach_id in measured,
        )
        for number, promotion in enumerate(selectors.generations(project.scope), 1)
    ]


def rows(project: Project) -> Iterator[tuple[CoachVersion, Drafted]]:
    """Every draft that the figures are counted from, generation by generation."""
    chain = [each.coach for each in selectors.generations(project.scope)]
    found = drafts_of(project.scope, [coach.pk for coach in chain])
    for coach in chain:
        for key in sorted(found[coach.pk]):
            yield coach, found[coach.pk][key]
