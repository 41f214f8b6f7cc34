"""The first steps of a project, and which of them its rows say are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from annotator.models import (
    Draft,
    Guideline,
    Membership,
    Pair,
    Project,
    Review,
    Verdict,
)
from training.models import TrainingRun


class FirstStep(StrEnum):
    """In the order in which a team takes them."""

    PROJECT = "project"
    GUIDELINES = "guidelines"
    DATA = "data"
    PEOPLE = "people"
    DRAFTS = "drafts"
    REVIEW = "review"
    QUALITY = "quality"
    RETRAINING = "retraining"


@dataclass(frozen=True, slots=True)
class StepState:
    """One first step, and whether it is done."""

    step: FirstStep
    is_done: bool


def of_project(project: Project) -> Sequence[StepState]:
    """All first steps; each is done as soon as a row of the project shows it."""
    done = {
        FirstStep.PROJECT: True,
        FirstStep.GUIDELINES: Guideline.objects.filter(project=project).exists(),
        FirstStep.DATA: Pair.objects.filter(project=project).exists(),
        FirstStep.PEOPLE: _has_people(project),
        FirstStep.DRAFTS: Draft.objects.filter(pair__project=project).exists(),
        FirstStep.REVIEW: _reviewed(project),
        FirstStep.QUALITY: _judged(project),
        FirstStep.RETRAINING: _trained(project),
    }
    return [StepState(step, done[step]) for step in FirstStep]


def _has_people(project: Project) -> bool:
    """Two at least, since one judges the other; one, if they may judge themselves."""
    members = Membership.objects.filter(project=project).count()
    return members > 1 or project.own_judged


def _reviewed(project: Project) -> bool:
    mine = Review.objects.handed_in().filter(pair__project=project, is_imported=False)
    return mine.exists()


def _judged(project: Project) -> bool:
    given = Verdict.objects.filter(review__pair__project=project)
    return given.filter(kind=Verdict.Kind.JUDGED).exists()


def _trained(project: Project) -> bool:
    runs = TrainingRun.objects.filter(scope=project.scope, trains=True)
    return runs.filter(state=TrainingRun.State.READY).exists()
