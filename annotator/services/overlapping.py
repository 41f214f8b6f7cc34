"""A share of the pairs is revised by two people, one after the other, blind.

While the second text is awaited, `Pair.first_author` names who wrote the first: the
queue keeps the pair from them, and pages keep their text from everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotator.domain import agreement, chance, effort
from annotator.domain.actions import Action
from annotator.domain.states import PairState
from annotator.models import Membership, Overlap, Pair, Project, Review
from annotator.services.sampling import Draw
from annotator.services.workflow import move

Slot = Review.Slot


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where a pair goes when a text of it has been handed in."""

    to: PairState
    action: Action
    changes: dict[str, Any] = field(default_factory=dict)


ON = NextStep(PairState.REVIEWED, Action.SUBMITTED)
"""The action of a submit that does not leave the queue."""


def after_submit(review: Review) -> NextStep:
    """Give a new review its place among the texts of its pair; where the pair goes.

    The first text stands; the second one is for comparison, unless a lead rules
    otherwise.
    """
    pair = review.pair
    if pair.first_author_id:
        return _after_second(review)
    if not _is_for_two(pair, review):
        return ON
    _take(review, Slot.FIRST)
    return NextStep(
        PairState.READY, Action.FIRST_OF_TWO, {"first_author": review.author}
    )


def _is_for_two(pair: Pair, review: Review) -> bool:
    """Drawn, not revised before, and there is somebody else to revise it."""
    project = pair.project
    seed = f"project-{project.pk}"
    share = project.overlap_share
    if not share or not chance.is_for_two(pair.fingerprint, share, seed):
        return False
    if pair.reviews.handed_in().exclude(pk=review.pk).exists():
        return False
    others = Membership.objects.filter(project=project).exclude(user=review.author_id)
    return others.exists()


def _take(review: Review, slot: Slot, **changes: Any) -> None:
    for name, value in {"slot": slot, **changes}.items():
        setattr(review, name, value)
    review.save(update_fields=["slot", *changes])


def _after_second(review: Review) -> NextStep:
    first = review.pair.reviews.standing().get(slot=Slot.FIRST)
    _take(review, Slot.SECOND, passed_over_at=timezone.now())
    raw = review.pair.text
    is_one_text = agreement.is_one_text(
        raw,
        first.text,
        review.text,
        same_decision=first.decision == review.decision,
        limit=review.pair.project.overlap_similarity,
    )
    Overlap.objects.create(
        pair=review.pair,
        first=first,
        second=review,
        similarity=effort.revision_similarity(raw, first.text, review.text),
        is_one_text=is_one_text,
    )
    to = PairState.REVIEWED if is_one_text else PairState.DISPUTED
    action = Action.TWO_AGREE if is_one_text else Action.TWO_DIFFER
    draw = Draw(first.quality_rate or 1.0, first.quality_draw)
    return NextStep(
        to,
        action,
        {
            "first_author": None,
            "reviewed_by": first.author,
            "to_judge": draw.to_judge,
        },
    )


def before_undo(review: Review) -> dict[str, Any]:
    """What the pair must say again when a submit of it is taken back."""
    if review.slot == Slot.FIRST:
        return {"first_author": None}
    if review.slot == Slot.SECOND:
        return {"first_author": Overlap.objects.get(second=review).first.author}
    return {}


def go_on_alone() -> int:
    """Sweep: pairs for which no second person came go on with one text; how many."""
    moved = 0
    waiting = Pair.objects.in_state(PairState.READY).exclude(first_author=None)
    ids = waiting.values_list("project", flat=True).distinct()
    for project in Project.objects.filter(pk__in=list(ids)):
        moved += _go_on_alone(project)
    return moved


@transaction.atomic
def _go_on_alone(project: Project) -> int:
    limit = timezone.now() - timedelta(days=project.overlap_days)
    old = Review.objects.standing().filter(
        pair=OuterRef("pk"), slot=Slot.FIRST, submitted_at__lt=limit
    )
    waiting = Pair.objects.filter(project=project).in_state(PairState.READY)
    pairs = waiting.exclude(first_author=None).filter(Exists(old))
    found = list(pairs.locked(skip=True)[:500])
    for pair in found:
        move(pair, PairState.REVIEWED, action=Action.NO_SECOND_PERSON_CAME,
             first_author=None)  # fmt: skip
    return len(found)
