"""Taking a deed back while it is fresh: one door for every desk."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import TooLate
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Pair, Project, User
from annotator.selectors.undoable import DEEDS, Desk
from annotator.services import (
    adjudicating,
    bulk_accepting,
    deeds,
    excluding,
    giving_back,
    quality,
    queueing,
    reviewing,
    skipping,
)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, and what the person has in hand again."""

    desk: Desk
    pair: Pair
    """The first one of a bulk."""
    verdict: quality.UndoneVerdict | None = None
    """With the note and the reasons, so that they can be mended."""
    count: int = 1
    """Pairs that it was about."""


@transaction.atomic
def undo(*, project: Project, deed: UUID, person: User) -> Undone:
    """Take back what the deed did, for all pairs that nothing has happened to since.

    TooLate after UNDO_SECONDS or when nothing is left to take back. The pair that the
    person holds meanwhile is laid down and waits for them.
    """
    steps = deeds.take_back(deed, person)
    step = steps[0]
    if step.pair.project.home != project:
        raise TooLate(gettext("That was done in another project."))
    action = Action(step.action)
    desk = DEEDS[action]
    policies.require(person, project, TAKES[desk])
    if desk in STAGES:
        queueing.lay_down(project=project, person=person, stage=STAGES[desk])
    match action:
        case Action.ACCEPTED_IN_BULK:
            bulk_accepting.undo(steps, person)
        case Action.ADJUDICATED:
            adjudicating.undo(step, person)
        case Action.ACCEPTED | Action.FIXED_AND_ACCEPTED | Action.SENT_BACK:
            return Undone(desk, step.pair, quality.undo(step, person))
        case _:
            _HOLDS_AGAIN.get(action, reviewing.undo)(step, person)
    return Undone(desk, step.pair, count=len(steps))


TAKES = {
    Desk.REVIEW: Deed.ANNOTATE,
    Desk.QUALITY: Deed.JUDGE,
    Desk.BULK: Deed.ACCEPT_IN_BULK,
    Desk.ADJUDICATION: Deed.ADJUDICATE,
}
STAGES = {Desk.REVIEW: Stage.REVIEW, Desk.QUALITY: Stage.QUALITY}
_HOLDS_AGAIN = {
    Action.EXCLUDED: excluding.undo,
    Action.SKIPPED: skipping.undo,
    Action.GIVEN_BACK: giving_back.undo,
    Action.REVIEW_GIVEN_BACK: giving_back.undo,
}
