"""When a project trains by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from annotator.models import Project
from annotator.selectors import accepted
from annotator.selectors.accepted import ReviewQuery
from annotator.services.snapshotting import plan_for, start_run
from training.config import Learns
from training.models import TrainingRun
from training.selectors import runs


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the next run starts by itself."""

    paused: bool
    after: int
    """Newly accepted reviews that a run needs; 0: there is no schedule."""
    collected: int
    not_before: datetime | None
    """The last run is too young until then; None: it is not."""
    busy: bool
    """A run of this project waits or works."""

    @property
    def due(self) -> bool:
        held = self.paused or self.busy or self.not_before
        return bool(self.after) and not held and self.collected >= self.after


def schedule(project: Project) -> Schedule:
    """What the schedule waits for."""
    last = _last_run(project)
    wait = timedelta(days=project.retrain_days)
    free = last.created_at + wait if last else None
    return Schedule(
        paused=project.retrain_paused,
        after=project.retrain_after,
        collected=newly_accepted(project),
        not_before=free if free and free > timezone.now() else None,
        busy=runs(project.scope).filter(state__in=_UNFINISHED).exists(),
    )


def _last_run(project: Project) -> TrainingRun | None:
    """The last one that learned texts: a second stage is not what the schedule does."""
    found = runs(project.scope).filter(trains=True)
    return found.exclude(config__learns=Learns.PREFERENCES).first()


def newly_accepted(project: Project) -> int:
    """Reviews accepted since the last run's snapshot; imported ones count too."""
    found = accepted.reviews(project, ReviewQuery())
    last = _last_run(project)
    if last:
        found = found.filter(verdict__created_at__gt=last.snapshot.created_at)
    return found.count()


def retrain_when_due() -> list[TrainingRun]:
    """Start a run in each project whose schedule says so."""
    started = []
    for project in Project.objects.active().filter(
        retrain_after__gt=0, retrain_paused=False
    ):
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=project.pk)
            if schedule(project).due:
                plan = plan_for(project)
                started.append(start_run(project=project, actor=None, plan=plan))
    return started


_UNFINISHED = (TrainingRun.State.QUEUED, *TrainingRun.ACTIVE)
