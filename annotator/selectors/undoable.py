"""What a person has just done and can still take back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from annotator.domain.actions import Action
from annotator.models import AuditEvent, Project, User
from annotator.models.pairs import settled_before


class Desk(StrEnum):
    """Where a deed is done, and where one goes on after it was taken back."""

    REVIEW = "review"
    QUALITY = "quality"
    BULK = "bulk"
    ADJUDICATION = "adjudication"


SUBMITS = (
    Action.SUBMITTED,
    Action.FIRST_OF_TWO,
    Action.TWO_AGREE,
    Action.TWO_DIFFER,
)
DEEDS = {
    **dict.fromkeys(SUBMITS, Desk.REVIEW),
    Action.EXCLUDED: Desk.REVIEW,
    Action.SKIPPED: Desk.REVIEW,
    Action.GIVEN_BACK: Desk.REVIEW,
    Action.ACCEPTED: Desk.QUALITY,
    Action.FIXED_AND_ACCEPTED: Desk.QUALITY,
    Action.SENT_BACK: Desk.QUALITY,
    Action.REVIEW_GIVEN_BACK: Desk.QUALITY,
    Action.ACCEPTED_IN_BULK: Desk.BULK,
    Action.ADJUDICATED: Desk.ADJUDICATION,
}
"""Action of a step that a person took at a desk -> that desk."""


@dataclass(frozen=True, slots=True)
class Undoable:
    """A deed that can be taken back for a while."""

    deed: UUID
    action: Action
    pair: int
    """Number of the pair; of the first one of a bulk."""
    count: int
    seconds_left: float


def newest(person: User, project: Project, *desks: Desk) -> Undoable | None:
    """The person's newest deed at these desks, if nothing has happened to its pair
    since; None without one. All desks if none is named."""
    wanted = [action for action, desk in DEEDS.items() if not desks or desk in desks]
    limit = settled_before()
    of_check = Q(pair__project__checks_of=project) & ~Q(action__in=SUBMITS)
    fresh = AuditEvent.objects.filter(
        Q(pair__project=project) | of_check,
        action__in=wanted,
        actor=person,
        deed__isnull=False,
        undone_at=None,
        at__gt=limit,
    )
    step = fresh.order_by("-at", "-pk").first()
    if step is None or step.deed is None:
        return None
    left = AuditEvent.objects.filter(deed=step.deed).newest_of_its_pair()
    if not (count := left.count()):
        return None
    age = (timezone.now() - step.at).total_seconds()
    return Undoable(
        deed=step.deed,
        action=Action(step.action),
        pair=step.pair_id,
        count=count,
        seconds_left=settings.UNDO_SECONDS - age,
    )
