"""What a person has just done and can still take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from annotator.models import AuditEvent, Project, User


class Desk(StrEnum):
    """Where a deed is done, and where one goes on after it was taken back."""

    REVIEW = "review"
    QUALITY = "quality"
    BULK = "bulk"
    ADJUDICATION = "adjudication"


SUBMITS = (
    "submitted",
    "submitted, a second follows",
    "submitted, the two agree",
    "submitted, the two differ",
)
DEEDS = {
    **dict.fromkeys(SUBMITS, Desk.REVIEW),
    "excluded": Desk.REVIEW,
    "skipped": Desk.REVIEW,
    "given back": Desk.REVIEW,
    "accepted": Desk.QUALITY,
    "fixed and accepted": Desk.QUALITY,
    "sent back": Desk.QUALITY,
    "review given back": Desk.QUALITY,
    "accepted in bulk": Desk.BULK,
    "adjudicated": Desk.ADJUDICATION,
}
"""Action of a step that a person took at a desk -> that desk."""


@dataclass(frozen=True, slots=True)
class Undoable:
    """A deed that can be taken back for a while."""

    deed: UUID
    action: str
    pair: int
    """Number of the pair; of the first one of a bulk."""
    count: int
    seconds_left: float


def newest(person: User, project: Project, *desks: Desk) -> Undoable | None:
    """The person's newest deed at these desks, if nothing has happened to its pair
    since; None without one. All desks if none is named."""
    wanted = [action for action, desk in DEEDS.items() if not desks or desk in desks]
    limit = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
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
        action=step.action,
        pair=step.pair_id,
        count=count,
        seconds_left=settings.UNDO_SECONDS - age,
    )
