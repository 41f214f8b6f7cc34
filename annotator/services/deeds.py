"""Deeds: what a person does at a desk that moves a pair, each known by its own token.

The page makes the token, the history of the pair keeps it, and the answer names it. So
a deed that is sent again is done once, one that got no answer is not taken for done,
and the newest one can be taken back (services/undoing.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext

from annotator.domain.errors import LeaseLost, TooLate
from annotator.domain.states import Stage
from annotator.models import AuditEvent, Draft, Lease, Pair, User
from annotator.models.pairs import settled_before
from annotator.services import autosaving, queueing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a deed came: under which token, from which tab, on which saved text."""

    deed: UUID = field(default_factory=uuid4)
    tab: UUID | None = None
    """Empty for a page without scripts."""
    base_revision: int | None = None
    """Of the autosave that the page started from."""
    draft_id: int | None = None
    """The draft that the page showed, where the pair has several."""


def is_done(sent: Sent, person: User) -> bool:
    """Whether this very deed has been done: its answer was lost on the way."""
    return AuditEvent.objects.filter(deed=sent.deed, actor=person).exists()


def begin(*, token: UUID, person: User, stage: Stage, sent: Sent) -> Lease | None:
    """Lock the hold that a deed is about; None if this deed is done already.

    LeaseLost if the hold has ended by anything else; OtherTab or Stale if another tab
    holds the pen or has saved since.
    """
    try:
        lease = queueing.held(token=token, person=person, stage=stage)
    except LeaseLost:
        if is_done(sent, person):
            return None
        raise
    autosaving.require_pen(lease, sent.tab, sent.base_revision)
    return lease


def last_shown(pair: Pair, person: User, stage: Stage) -> Draft | None:
    """The draft that the person's newest hold on the pair showed."""
    holds = Lease.objects.filter(pair=pair, holder=person, stage=stage)
    return holds.latest("opened_at").draft


def take_back(deed: UUID, person: User) -> list[AuditEvent]:
    """Mark the steps of a fresh deed as undone and return them, their pairs locked.

    A step after which something has happened to the pair stays. TooLate if none is
    left, or after UNDO_SECONDS.
    """
    ids = AuditEvent.objects.filter(deed=deed, actor=person).values("pair")
    locked = Pair.objects.locked().order_by("pk")
    pairs = {pair.pk: pair for pair in
             locked.filter(pk__in=ids).select_related("project", "draft")}  # fmt: skip
    limit = settled_before()
    fresh = AuditEvent.objects.filter(
        deed=deed, actor=person, undone_at=None, at__gte=limit
    )
    steps = list(fresh.newest_of_its_pair().order_by("pk"))
    if not steps:
        raise TooLate(gettext("It is too late to take this back."))
    AuditEvent.objects.filter(pk__in=[step.pk for step in steps]).update(
        undone_at=timezone.now()
    )
    for step in steps:
        step.pair = pairs[step.pair_id]
    return steps
