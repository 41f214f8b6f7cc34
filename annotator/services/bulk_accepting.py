"""Accept sure, untouched reviews in one deed, and keep a share of them for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import chance
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import (
    AuditEvent,
    BulkAcceptance,
    Pair,
    Project,
    Review,
    User,
    Verdict,
)
from annotator.selectors import bulk
from annotator.services.deeds import Sent
from annotator.services.sampling import newest_reviews
from annotator.services.workflow import move_all

MOST = 10_000
"""Reviews a deed: it is one transaction."""


@transaction.atomic
def accept(
    *,
    project: Project,
    actor: User,
    threshold: float,
    audit_share: float,
    until: datetime | None = None,
    sent: Sent | None = None,
) -> BulkAcceptance:
    """Accept what waits, untouched and with a draft at or above the threshold.

    `threshold` is a mean log-probability, 0 at best. A share in (0, 1], drawn by hash
    and at least one review, stays in the queue for a person. Reviews sent in after
    `until` were not on the lead's page and are left alone. Invalid if nothing is left.
    """
    policies.require(actor, project, Deed.ACCEPT_IN_BULK)
    sent = sent or Sent()
    if done := _done(sent, actor):
        return done
    if not 0 < audit_share <= 1:
        raise Invalid(gettext("The share that is audited is above 0 and at most 1."))
    pairs = _locked(project, actor, threshold, until)
    if not pairs:
        raise Invalid(gettext("No untouched review waits at or above this threshold."))
    bulk = BulkAcceptance.objects.create(
        project=project, actor=actor, threshold=threshold, audit_share=audit_share
    )
    audited = _drawn(bulk, pairs)
    taken = [pair for pair in pairs if pair not in audited]
    _keep_for_audit(bulk, audited)
    _take(bulk, taken, sent)
    bulk.accepted, bulk.audited = len(taken), len(audited)
    bulk.save(update_fields=["accepted", "audited"])
    return bulk


def _done(sent: Sent, actor: User) -> BulkAcceptance | None:
    """The bulk of this very deed, if it was done before: a double click."""
    steps = AuditEvent.objects.filter(deed=sent.deed, actor=actor)
    return BulkAcceptance.objects.filter(
        verdicts__review__pair__in=steps.values("pair")
    ).first()


def _locked(
    project: Project, actor: User, threshold: float, until: datetime | None
) -> list[Pair]:
    """The pairs, locked; those that somebody is just claiming are left to them."""
    reviews = bulk.at_or_above(bulk.waiting(project, actor), threshold)
    if until:
        reviews = reviews.filter(submitted_at__lte=until)
    free = bulk.pairs_of(reviews)
    return list(free.locked(skip=True)[:MOST])


def _drawn(bulk: BulkAcceptance, pairs: list[Pair]) -> set[Pair]:
    """The audit: by hash, and never nobody's."""
    places = {pair: chance.audit_place(pair.fingerprint, bulk.pk) for pair in pairs}
    drawn = {pair for pair, place in places.items() if place < bulk.audit_share}
    return drawn or {min(places, key=places.__getitem__)}


def _keep_for_audit(bulk: BulkAcceptance, pairs: set[Pair]) -> None:
    kept = [review.pk for review in newest_reviews(list(pairs))]
    Review.objects.filter(pk__in=kept).update(audit_of=bulk)


def _take(bulk: BulkAcceptance, pairs: list[Pair], sent: Sent) -> None:
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.BULK, bulk=bulk)
        for review in newest_reviews(pairs)
    )
    move_all(
        pairs,
        PairState.ACCEPTED,
        action=Action.ACCEPTED_IN_BULK,
        actor=bulk.actor,
        note=f"Bulk {bulk.pk}, from {bulk.threshold:g} on.",
        deed=sent.deed,
    )


def undo(steps: Sequence[AuditEvent], person: User) -> BulkAcceptance:
    """Let the reviews of a bulk wait for a judge again, but for those moved on."""
    pairs = [step.pair for step in steps]
    verdicts = Verdict.objects.filter(review__pair__in=pairs, kind=Verdict.Kind.BULK)
    bulk = verdicts.select_related("bulk").latest("pk").bulk
    assert bulk  # by a constraint of the database
    verdicts.filter(bulk=bulk).delete()
    unjudged = Review.objects.filter(audit_of=bulk, verdict=None)
    unjudged.update(audit_of=None)
    bulk.undone_at = timezone.now()
    bulk.save(update_fields=["undone_at"])
    move_all(pairs, PairState.REVIEWED, action=Action.BULK_UNDONE, actor=person)
    return bulk
