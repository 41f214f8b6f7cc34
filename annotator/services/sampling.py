"""Which reviews quality control looks at, and what becomes of the others."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from annotator.domain import chance, quality_sampling
from annotator.domain.actions import Action
from annotator.domain.states import PairState
from annotator.models import Pair, Review, User, Verdict
from annotator.selectors import quality_records
from annotator.services.workflow import move_all

CHUNK = 200
"""Pairs a transaction."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Whether a review is looked at, and by which chance."""

    rate: float
    place: float | None
    """In [0, 1); None: nothing was drawn."""

    @property
    def to_judge(self) -> bool:
        return self.place is None or quality_sampling.is_drawn(self.place, self.rate)


def draw(pair: Pair, author: User) -> Draw:
    """Draw at the submit. What corrects a returned review is always looked at, and a
    check stays where it is."""
    if pair.project.checks_of_id:
        return Draw(rate=1.0, place=None)
    if Verdict.objects.filter(review__pair=pair, accepted=False).exists():
        return Draw(rate=1.0, place=None)
    record = quality_records.of_person(author, pair.project)
    return Draw(
        rate=quality_sampling.rate(record, pair.project.sampling_rule),
        place=chance.quality_place(pair.fingerprint, author.pk),
    )


def accept_unsampled() -> int:
    """Sweep: accept reviews that were not drawn and can no longer be taken back."""
    accepted = 0
    while found := _accept_some():
        accepted += found
    return accepted


@transaction.atomic
def _accept_some() -> int:
    waiting = Pair.objects.in_state(PairState.REVIEWED).filter(to_judge=False).settled()
    pairs = list(waiting.order_by("state_since").locked(skip=True)[:CHUNK])
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.UNSAMPLED)
        for review in newest_reviews(pairs)
    )
    move_all(pairs, PairState.ACCEPTED, action=Action.ACCEPTED_UNSEEN)
    return len(pairs)


def newest_reviews(pairs: list[Pair]) -> list[Review]:
    """The standing review of each pair, in one query."""
    reviews = Review.objects.standing().filter(pair__in=pairs)
    newest = reviews.order_by("pair_id", "-submitted_at", "-pk").distinct("pair_id")
    return list(newest)
