"""Coach studies of a project."""

from __future__ import annotations

from annotator.models import CoachStudy, Project
from training.models import TrainingRun
from training.selectors import first_wanted_run

SHOWN = 50


def of_project(project: Project) -> list[CoachStudy]:
    """The newest ones."""
    found = project.coach_studies.select_related("asked_by", "project")
    return list(found.order_by("-pk")[:SHOWN])


def waits_for(study: CoachStudy) -> TrainingRun | None:
    """The training run that a study which waits makes way for."""
    return first_wanted_run() if study.state == CoachStudy.State.WAITING else None
