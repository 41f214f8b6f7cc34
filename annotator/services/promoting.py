"""Who may promote a coach, roll one back, stop a run or let it go on; and do it."""

from __future__ import annotations

from annotator import policies
from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project, User
from training.models import CoachVersion, Promotion, TrainingRun
from training.services import registry, runs


class NotPromoted(WorkflowError):
    """The registry refused; its sentence says why."""

    code = "not_promotable"


def promote(
    *, project: Project, actor: User, coach: CoachVersion, reason: str = ""
) -> Promotion:
    """Make a coach of the project the active one."""
    policies.require(actor, project, Deed.PROMOTE)
    try:
        return registry.promote(coach=coach, actor=actor, reason=reason)
    except registry.NotPromotable as error:
        raise NotPromoted(str(error)) from None


def roll_back(*, project: Project, actor: User, reason: str = "") -> Promotion:
    """Let the coach before the active one draft again."""
    policies.require(actor, project, Deed.PROMOTE)
    try:
        return registry.roll_back(scope=project.scope, actor=actor, reason=reason)
    except registry.NotPromotable as error:
        raise NotPromoted(str(error)) from None


def cancel(*, project: Project, actor: User, run: TrainingRun) -> None:
    """Stop a training run at its next step."""
    policies.require(actor, project, Deed.TRAIN)
    runs.cancel(run=run)


def resume(*, project: Project, actor: User, run: TrainingRun) -> TrainingRun:
    """Let a run that failed or was cancelled go on from its last checkpoint."""
    policies.require(actor, project, Deed.TRAIN)
    try:
        return runs.resume(run=run)
    except (runs.NotResumable, runs.RunWaits) as fault:
        raise Invalid(str(fault)) from None
