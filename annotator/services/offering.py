"""Revisions that came for pairs the project has: offered, and taken by a lead.

Nothing of a pair is altered before. Taken, a revision of a pair that nobody has touched
becomes an accepted review; that of any other is kept in the history of the pair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.formats.rows import PairRow
from annotator.models import Batch, OfferedRevision, Pair, Review, User
from annotator.services import ready_made
from annotator.services.workflow import move_all
from revision_engine.types import PairText

CHUNK = 500
Outcome = OfferedRevision.Outcome


def offer(batch: Batch, rows: Iterable[tuple[str, PairRow]]) -> None:
    """Keep the revised sides of these rows, each with the fingerprint of its pair.

    One that the pair has already, as a review or as an offer, is not offered again.
    """
    revised = [(key, row) for key, row in rows if row.revised]
    if not revised:
        return
    found = Pair.objects.filter(
        project=batch.project, fingerprint__in={key for key, _ in revised}
    )
    pairs = {pair.fingerprint: pair for pair in found}
    known = set(_known(pairs.values()))
    fresh = []
    for key, row in revised:
        if row.revised and (pairs[key].pk, row.revised) not in known:
            known.add((pairs[key].pk, row.revised))
            fresh.append(_offer(batch, pairs[key], row.number, row.revised))
    OfferedRevision.objects.bulk_create(fresh)


def _known(pairs: Collection[Pair]) -> Iterator[tuple[int, PairText]]:
    reviews = Review.objects.standing().filter(pair__in=pairs)
    for review in reviews.select_related("verdict__fix"):
        yield review.pair_id, review.outcome
    for offered in OfferedRevision.objects.filter(pair__in=pairs):
        yield offered.pair_id, offered.text


def _offer(batch: Batch, pair: Pair, row: int, text: PairText) -> OfferedRevision:
    return OfferedRevision(
        batch=batch,
        pair=pair,
        row=row,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
    )


def take(
    *, batch: Batch, actor: User, offers: Sequence[int] | None = None
) -> dict[str, int]:
    """Take what waits of a batch, or these of it; how many came to which outcome.

    In the order of the file: of two revisions of one pair the first is its review.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: one of the named offers does not wait here.
    """
    return _decide(batch, actor, offers, is_taken=True)


def leave(
    *, batch: Batch, actor: User, offers: Sequence[int] | None = None
) -> dict[str, int]:
    """Turn down what waits, or these; raises as `take`. The texts are kept."""
    return _decide(batch, actor, offers, is_taken=False)


def _decide(
    batch: Batch, actor: User, ids: Sequence[int] | None, *, is_taken: bool
) -> dict[str, int]:
    policies.require(actor, batch.project, Deed.IMPORT)
    if ids is not None and _waiting(batch, ids).count() != len(set(ids)):
        raise Invalid(
            gettext("Somebody has decided about one of these revisions before.")
        )
    told = dict.fromkeys(Outcome.values, 0)
    while decided := _next(batch, actor, ids, is_taken=is_taken):
        for offered in decided:
            told[offered.outcome] += 1
    return told


def _waiting(batch: Batch, ids: Sequence[int] | None) -> QuerySet[OfferedRevision]:
    waiting = batch.offers.waiting().order_by("row", "pk")
    return waiting if ids is None else waiting.filter(pk__in=ids)


@transaction.atomic
def _next(
    batch: Batch, actor: User, ids: Sequence[int] | None, *, is_taken: bool
) -> list[OfferedRevision]:
    """Decide about some of those that wait; empty when there are none."""
    offers = list(_waiting(batch, ids).select_for_update(no_key=True)[:CHUNK])
    taken = _untouched(offers) if is_taken else {}
    for offered in offers:
        is_first = taken.get(offered.pair_id) == offered
        kept = Outcome.KEPT if is_taken else Outcome.LEFT
        offered.outcome = Outcome.ACCEPTED if is_first else kept
        offered.decided_by, offered.decided_at = actor, timezone.now()
    _accept(taken.values(), actor)
    columns = ["outcome", "decided_by", "decided_at"]
    OfferedRevision.objects.bulk_update(offers, columns)
    return offers


def _untouched(offers: Iterable[OfferedRevision]) -> dict[int, OfferedRevision]:
    """For each pair that nobody has touched the first of its offers; locked."""
    free = Pair.objects.untouched().filter(pk__in=[each.pair_id for each in offers])
    locked = free.locked().select_related("project")
    pairs = {pair.pk: pair for pair in locked.order_by("pk")}
    first: dict[int, OfferedRevision] = {}
    for offered in offers:
        if offered.pair_id in pairs:
            offered.pair = pairs[offered.pair_id]
            first.setdefault(offered.pair_id, offered)
    return first


def _accept(offers: Collection[OfferedRevision], actor: User) -> None:
    pairs = [offered.pair for offered in offers]
    move_all(pairs, PairState.IMPORTED, action=Action.BACK_TO_ITS_IMPORT, actor=actor)
    texts = {offered.pair_id: offered.text for offered in offers}
    ready_made.accept(pairs, texts, actor)
