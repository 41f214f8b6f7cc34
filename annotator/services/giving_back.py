"""Putting a held pair back, for whoever comes next."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from annotator.domain.actions import Action
from annotator.domain.states import Stage
from annotator.models import AuditEvent, Lease, User
from annotator.selectors.offered import STAGES
from annotator.services import deeds, prefetching, queueing
from annotator.services.deeds import Sent
from annotator.services.workflow import move

ACTIONS = {Stage.REVIEW: Action.GIVEN_BACK, Stage.QUALITY: Action.REVIEW_GIVEN_BACK}


@transaction.atomic
def give_back(
    *, token: UUID, person: User, stage: Stage, sent: Sent | None = None
) -> None:
    """Put a pair back where it waited; what was typed stays with it."""
    sent = sent or Sent()
    lease = deeds.begin(token=token, person=person, stage=stage, sent=sent)
    if lease is None:
        return
    queueing.end(lease)
    if stage == Stage.REVIEW:
        prefetching.free(person, project=lease.pair.project.home)
    to = STAGES[stage][0]
    move(lease.pair, to, action=ACTIONS[stage], actor=person, deed=sent.deed)


def undo(step: AuditEvent, person: User) -> Lease:
    """Hold the pair again."""
    stage = next(stage for stage, action in ACTIONS.items() if action == step.action)
    draft = deeds.last_shown(step.pair, person, stage)
    return queueing.hold(
        step.pair, person, stage, Action.GIVING_BACK_UNDONE, draft=draft
    )
