"""Comparisons of coaches of several base models, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from annotator.models import (
    BackboneComparison,
    BackboneFigure,
    ComparedBackbone,
    Project,
)
from training import selectors
from training.models import TrainingRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One coach, or one bare base model, as far as it is measured."""

    row: ComparedBackbone
    done: int
    """Drafts that are there."""
    reused: int
    """Of those, that an evaluation had already."""
    figures: Sequence[BackboneFigure]

    @property
    def tokens_per_second(self) -> float | None:
        return self._a_second(self.row.tokens)

    @property
    def drafts_per_minute(self) -> float | None:
        found = self._a_second(self.row.timed)
        return None if found is None else 60 * found

    def _a_second(self, count: int) -> float | None:
        return count / self.row.seconds if self.row.seconds else None


@dataclass(frozen=True, slots=True)
class BackboneBoard:
    """One comparison, as one screen shows it."""

    backbones: Sequence[Measured]
    pairs: int

    @property
    def done(self) -> int:
        return sum(each.done for each in self.backbones)

    @property
    def total(self) -> int:
        return self.pairs * len(self.backbones)


def of_project(project: Project) -> QuerySet[BackboneComparison]:
    """A project's comparisons, newest first, with what they compare."""
    compared = ComparedBackbone.objects.select_related("coach")
    found = BackboneComparison.objects.filter(project=project)
    return (
        found.select_related("asked_by")
        .prefetch_related(Prefetch("backbones", queryset=compared))
        .order_by("-pk")
    )


def board(comparison: BackboneComparison) -> BackboneBoard:
    """Counted from the rows, so that it is true whatever was killed."""
    rows = comparison.backbones.select_related("coach").prefetch_related("figures")
    counted = rows.annotate(
        made=Count("drafts"), taken=Count("drafts", filter=Q(drafts__is_reused=True))
    )
    return BackboneBoard(
        backbones=[
            Measured(
                row=row,
                done=row.made,
                reused=row.taken,
                figures=list(row.figures.all()),
            )
            for row in counted.order_by("position")
        ],
        pairs=comparison.pairs.count(),
    )


def waits_for(comparison: BackboneComparison) -> TrainingRun | None:
    """The training run that a comparison which waits makes way for."""
    waits = comparison.state == BackboneComparison.State.WAITING
    return selectors.first_wanted_run() if waits else None


def suggested(project: Project) -> list[int]:
    """The active coach, and of each other base model the newest one."""
    found: dict[tuple[str, str], int] = {}
    if active := selectors.active_coach(project.scope):
        found[active.base_model, active.base_revision] = active.pk
    for coach in selectors.coaches(project.scope).filter(is_elsewhere=False):
        found.setdefault((coach.base_model, coach.base_revision), coach.pk)
    return list(found.values())[: BackboneComparison.MOST]
