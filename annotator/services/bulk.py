"""Accept sure, untouched reviews in one deed, and keep a share of them for a person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotator import policies
from annotator.domain import sampling
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import BulkAcceptance, Pair, Project, Review, User, Verdict
from annotator.selectors import bulk as reads
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
) -> BulkAcceptance:
    """Accept what waits, untouched and with a draft at or above the threshold.

    `threshold` is a mean log-probability, 0 at best. A share in (0, 1], drawn by hash
    and at least one review, stays in the queue for a person. Reviews sent in after
    `until` were not on the lead's page and are left alone. Invalid if nothing is left.
    """
    policies.require(actor, project, Deed.ACCEPT_IN_BULK)
    if not 0 < audit_share <= 1:
        raise Invalid("The share that is audited is above 0 and at most 1.")
    pairs = _locked(project, actor, threshold, until)
    if not pairs:
        raise Invalid("No untouched review waits at or above this threshold.")
    deed = BulkAcceptance.objects.create(
        project=project, actor=actor, threshold=threshold, audit_share=audit_share
    )
    audited = _drawn(deed, pairs)
    taken = [pair for pair in pairs if pair not in audited]
    _keep_for_audit(deed, audited)
    _take(deed, taken)
    deed.accepted, deed.audited = len(taken), len(audited)
    deed.save(update_fields=["accepted", "audited"])
    return deed


def _locked(
    project: Project, actor: User, threshold: float, until: datetime | None
) -> list[Pair]:
    """The pairs, locked; those that somebody is just claiming are left to them."""
    reviews = reads.at_or_above(reads.waiting(project, actor), threshold)
    if until:
        reviews = reviews.filter(submitted_at__lte=until)
    free = reads.pairs_of(reviews)
    return list(
        free.select_for_update(no_key=True, skip_locked=True, of=("self",))[:MOST]
    )


def _drawn(deed: BulkAcceptance, pairs: list[Pair]) -> set[Pair]:
    """The audit: by hash, and never nobody's."""
    places = {pair: sampling.audit_place(pair.fingerprint, deed.pk) for pair in pairs}
    drawn = {pair for pair, place in places.items() if place < deed.audit_share}
    return drawn or {min(places, key=places.__getitem__)}


def _keep_for_audit(deed: BulkAcceptance, pairs: set[Pair]) -> None:
    kept = [review.pk for review in newest_reviews(list(pairs))]
    Review.objects.filter(pk__in=kept).update(audit_of=deed)


def _take(deed: BulkAcceptance, pairs: list[Pair]) -> None:
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.BULK, bulk=deed)
        for review in newest_reviews(pairs)
    )
    move_all(
        pairs,
        PairState.ACCEPTED,
        action="accepted in bulk",
        actor=deed.actor,
        note=f"Bulk {deed.pk}, from {deed.threshold:g} on.",
    )
