"""Passing a pair on: who gets it next is the project's policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.states import PairState, SkipPolicy, Stage
from annotator.models import AuditEvent, Lease, Skip, User
from annotator.services import deeds, queueing
from annotator.services.deeds import Sent
from annotator.services.workflow import move

WAITS_FOR_SKIPPER = timedelta(days=7)
"""How long a pair put off for later waits for the same person."""


@transaction.atomic
def skip(
    *, token: UUID, person: User, reason: str, note: str = "", sent: Sent | None = None
) -> Skip:
    """Pass the held pair on; what was typed stays. Invalid names the reasons."""
    sent = sent or Sent()
    if reason not in Skip.Reason.values:
        known = ", ".join(Skip.Reason.values)
        raise Invalid(
            gettext("Choose a reason to skip the pair: %(known)s.") % {"known": known}
        )
    lease = deeds.begin(token=token, person=person, stage=Stage.REVIEW, sent=sent)
    if lease is None:
        return Skip.objects.filter(person=person, pair__leases__token=token).latest(
            "pk"
        )
    policy = SkipPolicy(lease.pair.project.skip_policy)
    queueing.end(lease)
    to = PairState.PARKED if policy == SkipPolicy.LEAD else PairState.READY
    words = f"{reason}. {note}".strip()
    move(
        lease.pair, to, action=Action.SKIPPED, actor=person, note=words,
        deed=sent.deed, **_reservation(policy, lease),
    )  # fmt: skip
    return Skip.objects.create(
        pair=lease.pair, person=person, reason=reason, note=note, policy=policy
    )


def _reservation(policy: SkipPolicy, lease: Lease) -> dict[str, Any]:
    if policy == SkipPolicy.LATER:
        until = timezone.now() + WAITS_FOR_SKIPPER
        return {"reserved_for": lease.holder, "reserved_until": until}
    return {"reserved_for": None, "reserved_until": None}


def undo(step: AuditEvent, person: User) -> Lease:
    """Hold the pair again, as if it had not been skipped."""
    pair = step.pair
    Skip.objects.filter(pair=pair, person=person).latest("pk").delete()
    draft = deeds.last_shown(pair, person, Stage.REVIEW)
    return queueing.hold(pair, person, Stage.REVIEW, Action.SKIP_UNDONE, draft=draft)
