"""Which reviews quality control looks at, and what becomes of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotator.domain import sampling, vetting
from annotator.domain.states import PairState
from annotator.models import Pair, Review, User, Verdict
from annotator.selectors import records
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
        return self.place is None or vetting.is_drawn(self.place, self.rate)


def draw(pair: Pair, author: User) -> Draw:
    """Draw at the submit. What corrects a returned review is always looked at, and a
    check stays where it is."""
    if pair.project.checks_of_id:
        return Draw(rate=1.0, place=None)
    if Verdict.objects.filter(review__pair=pair, accepted=False).exists():
        return Draw(rate=1.0, place=None)
    record = records.of_person(author, pair.project)
    return Draw(
        rate=vetting.rate(record, pair.project.sampling_rule),
        place=sampling.quality_place(pair.fingerprint, author.pk),
    )


def accept_unsampled() -> int:
    """Sweep: accept reviews that were not drawn and can no longer be taken back."""
    accepted = 0
    while found := _accept_some():
        accepted += found
    return accepted


@transaction.atomic
def _accept_some() -> int:
    settled = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    waiting = Pair.objects.in_state(PairState.REVIEWED).filter(
        to_judge=False, state_since__lte=settled
    )
    pairs = list(
        waiting.order_by("state_since").select_for_update(
            no_key=True, skip_locked=True, of=("self",)
        )[:CHUNK]
    )
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.UNSAMPLED)
        for review in newest_reviews(pairs)
    )
    move_all(pairs, PairState.ACCEPTED, action="accepted unseen")
    return len(pairs)


def newest_reviews(pairs: list[Pair]) -> list[Review]:
    """The standing review of each pair, in one query."""
    reviews = Review.objects.standing().filter(pair__in=pairs)
    newest = reviews.order_by("pair_id", "-submitted_at", "-pk").distinct("pair_id")
    return list(newest)
