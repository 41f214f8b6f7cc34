"""Telling of runs that ended and of what the gate decided: by a sweep, since training
knows nobody of the app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import Notice, Project
from annotator.services import telling
from annotator.services.news import News
from annotator.services.telling_of_work import PROBLEM
from training.models import Evaluation, TrainingRun

LOOKS_BACK = timedelta(days=1)
"""How old an event may be when the sweep first sees it."""
ENDED = (TrainingRun.State.READY, TrainingRun.State.FAILED)


def sweep() -> int:
    """Tell whoever may train what has ended lately and was not told; how many events.

    Safe to run twice, also at once: an event is told once.
    """
    since = timezone.now() - LOOKS_BACK
    runs = TrainingRun.objects.filter(state__in=ENDED, ended_at__gte=since)
    decided = Evaluation.objects.filter(created_at__gte=since).exclude(outcome="")
    by_scope = {project.scope: project for project in Project.objects.all()}
    found = [
        *(
            _of_run(by_scope[run.scope], run)
            for run in runs.order_by("pk")
            if run.scope in by_scope
        ),
        *(
            _of_gate(by_scope[one.coach.scope], one)
            for one in decided.select_related("coach").order_by("pk")
            if one.coach.scope in by_scope
        ),
    ]
    new = _untold(found)
    for event in new:
        telling.tell(event, telling.those_who(event.project, Deed.TRAIN))
    return len(new)


def _untold(found: Sequence[News]) -> list[News]:
    keys = Notice.objects.filter(key__in=[each.key for each in found])
    told = set(keys.values_list("key", flat=True))
    return [each for each in found if each.key not in told]


def _of_run(project: Project, run: TrainingRun) -> News:
    when = run.ended_at.isoformat() if run.ended_at else ""
    return News(
        kind=Kind.RUN,
        project=project,
        about=Notice.About.RUN,
        number=run.pk,
        key=f"run:{run.pk}:{when}",
        said={"state": run.state, "problem": run.problem[:PROBLEM]},
    )


def _of_gate(project: Project, evaluation: Evaluation) -> News:
    return News(
        kind=Kind.GATE,
        project=project,
        about=Notice.About.COACH,
        number=evaluation.coach_id,
        key=f"gate:{evaluation.pk}",
        said={"coach": evaluation.coach.name, "outcome": evaluation.outcome},
    )
