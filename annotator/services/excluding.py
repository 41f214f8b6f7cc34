"""Setting a held pair aside, as one that should not be revised at all."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from annotator.domain.actions import Action
from annotator.domain.states import Stage
from annotator.models import AuditEvent, Lease, Pair, Review, User
from annotator.services import deeds, queueing, screening
from annotator.services.deeds import Sent
from annotator.services.workflow import set_aside


@transaction.atomic
def exclude(
    *, token: UUID, person: User, reason: str, note: str = "", sent: Sent | None = None
) -> Pair:
    """Set the pair aside; what was typed stays with it. Invalid names the reasons."""
    sent = sent or Sent()
    why = screening.exclusion(reason)
    lease = deeds.begin(token=token, person=person, stage=Stage.REVIEW, sent=sent)
    if lease is None:
        return Pair.objects.get(leases__token=token)
    queueing.end(lease)
    set_aside(
        lease.pair,
        why,
        action=Action.EXCLUDED,
        note=note,
        actor=person,
        deed=sent.deed,
        first_author=None,
    )
    return lease.pair


def undo(step: AuditEvent, person: User) -> Lease:
    """Hold the pair again, as one that is worth revising after all."""
    pair = step.pair
    first = pair.reviews.standing().filter(slot=Review.Slot.FIRST).first()
    return queueing.hold(
        pair,
        person,
        Stage.REVIEW,
        Action.EXCLUSION_UNDONE,
        draft=deeds.last_shown(pair, person, Stage.REVIEW),
        exclusion_reason="",
        exclusion_note="",
        first_author=first.author if first else None,
    )
