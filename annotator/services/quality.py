"""Quality control: a second person accepts a review or sends it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Review, User, Verdict
from annotator.services import queueing, timing
from annotator.services.workflow import move

RETURN_TO_AUTHOR = timedelta(days=7)
"""How long a returned pair waits for its author before others may take it."""


@transaction.atomic
def accept(*, token: UUID, person: User) -> Verdict:
    """Let the review into the training data."""
    lease, review = _judged(token, person)
    if earlier := Verdict.objects.filter(review=review).first():
        return earlier
    verdict = _verdict(lease, review, accepted=True)
    move(lease.pair, PairState.ACCEPTED, action="accepted", actor=person)
    return verdict


@transaction.atomic
def send_back(*, token: UUID, person: User, reason: str, note: str = "") -> Verdict:
    """Return the review to its author, who gets it next, with the reason."""
    if reason not in Verdict.Reason.values:
        known = ", ".join(Verdict.Reason.values)
        raise Invalid(f"Choose a reason to send the review back: {known}.")
    lease, review = _judged(token, person)
    if earlier := Verdict.objects.filter(review=review).first():
        return earlier
    verdict = _verdict(lease, review, accepted=False, reason=reason, note=note)
    move(
        lease.pair,
        PairState.READY,
        action="sent back",
        actor=person,
        note=note,
        reserved_for=review.author,
        reserved_until=timezone.now() + RETURN_TO_AUTHOR,
    )
    return verdict


def _judged(token: UUID, person: User) -> tuple[Lease, Review]:
    """The lease and its review; a verdict given twice finds the first one."""
    lease = (
        Lease.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pair__project")
        .filter(token=token, holder=person, stage=Stage.QUALITY)
        .first()
    )
    if lease and lease.ended_at:
        given = Verdict.objects.filter(judge=person, review__pair=lease.pair)
        if verdict := given.filter(created_at__gte=lease.opened_at).first():
            return lease, verdict.review
    lease = queueing.held(token=token, person=person, stage=Stage.QUALITY)
    if not policies.can_judge(person, lease.pair):
        raise NotAllowed("Nobody judges their own review.")
    return lease, lease.pair.reviews.standing().order_by("-submitted_at", "-pk")[0]


def _verdict(
    lease: Lease, review: Review, *, accepted: bool, reason: str = "", note: str = ""
) -> Verdict:
    queueing.end(lease)
    return Verdict.objects.create(
        review=review,
        judge=lease.holder,
        accepted=accepted,
        reason=reason,
        note=note,
        active_seconds=timing.time_spent([lease]).active,
    )
