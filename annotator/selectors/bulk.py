"""Reviews that could be accepted in bulk, and how earlier bulks came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotator.domain.effort import Decision
from annotator.domain.intervals import Share, share
from annotator.domain.states import PairState
from annotator.models import BulkAcceptance, Pair, Project, Review, User, Verdict
from annotator.models.pairs import PairQuerySet, settled_before
from annotator.models.verdicts import by_another

STEPS = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Shares of the waiting reviews that the offered thresholds leave out."""


def waiting(project: Project, person: User) -> QuerySet[Review]:
    """Untouched reviews of usable drafts that wait for a judge and that nobody holds.

    Not the person's own, not corrections of a return, none that an earlier bulk kept
    for its audit, and none that its author can still take back.
    """
    sent_back = Verdict.objects.filter(review__pair=OuterRef("pair"), accepted=False)
    return (
        Review.objects.standing()
        .filter(
            ~Exists(sent_back),
            pair__project=project,
            pair__state=PairState.REVIEWED,
            pair__to_judge=True,
            pair__state_since__lte=settled_before(),
            decision=Decision.ACCEPTED,
            verdict=None,
            audit_of=None,
            draft__problem="",
            draft__mean_logprob__isnull=False,
        )
        .exclude(pair__reviews__author=person)
    )


def at_or_above(reviews: QuerySet[Review], threshold: float) -> QuerySet[Review]:
    """Those whose draft the coach was sure enough of."""
    return reviews.filter(draft__mean_logprob__gte=threshold)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one threshold would do."""

    threshold: float
    waiting: int
    """Reviews that would be accepted, but for the audited share."""
    judged: int
    """Untouched reviews of the project, as sure, that a person has judged."""
    failed: Share | None
    """Of these: sent back or fixed."""


def effects(
    project: Project, person: User, chosen: float | None = None
) -> Sequence[Effect]:
    """The chosen threshold and some that the waiting reviews offer, surest first."""
    reviews = waiting(project, person)
    sure = _confidences(reviews)
    offered = {_rounded(sure[int(step * len(sure))]) for step in STEPS if sure}
    if chosen is not None:
        offered.add(chosen)
    past = _judged(project)
    return [
        _effect(threshold, sure, past) for threshold in sorted(offered, reverse=True)
    ]


def _confidences(reviews: QuerySet[Review]) -> list[float]:
    """Of their drafts, lowest first."""
    found = reviews.values_list("draft__mean_logprob", flat=True)
    return sorted(value for value in found if value is not None)


def _rounded(value: float) -> float:
    """Down to two decimals, so that the review it was read from is within."""
    return (value * 100 // 1) / 100


def _judged(project: Project) -> list[tuple[float, bool]]:
    """(confidence, passed) of the newest untouched reviews that people judged."""
    judged = Review.objects.filter(
        by_another(),
        pair__project=project,
        decision=Decision.ACCEPTED,
        draft__mean_logprob__isnull=False,
    )
    passed = Q(verdict__accepted=True, verdict__fix=None)
    newest = judged.annotate(passed=passed).order_by("-pk")[:PAST]
    rows = newest.values_list("draft__mean_logprob", "passed")
    return [(value, passed) for value, passed in rows if value is not None]


PAST = 5000
"""Judged reviews that a threshold is tried on, newest first."""


def _effect(
    threshold: float, sure: list[float], past: list[tuple[float, bool]]
) -> Effect:
    passed = [passed for confidence, passed in past if confidence >= threshold]
    return Effect(
        threshold=threshold,
        waiting=sum(confidence >= threshold for confidence in sure),
        judged=len(passed),
        failed=share(passed.count(False), len(passed)),
    )


class Trust(StrEnum):
    """What the audits say about a bulk."""

    UNKNOWN = "unknown"
    """Too few are judged to tell."""
    HOLDS = "holds"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """One bulk acceptance with what its audits found."""

    bulk: BulkAcceptance
    judged: int
    failed: Share | None
    """Of the judged audits: sent back or fixed."""
    trust: Trust


def outcomes(project: Project) -> Sequence[BulkOutcome]:
    """Earlier bulks, newest first."""
    judged = by_another("audits__")
    mended = Q(audits__verdict__accepted=False) | Q(audits__verdict__fix__isnull=False)
    counted = project.bulk_acceptances.select_related("actor").annotate(
        judged=Count("audits", filter=judged),
        failed=Count("audits", filter=judged & mended),
    )
    return [_outcome(bulk, project.quality_slip) for bulk in counted.order_by("-pk")]


def _outcome(bulk: BulkAcceptance, slip: float) -> BulkOutcome:
    found = share(bulk.failed, bulk.judged)  # type: ignore[attr-defined]
    return BulkOutcome(bulk, found.of if found else 0, found, trust(found, slip))


def trust(failed: Share | None, slip: float) -> Trust:
    """Whether the audits fail clearly more often than `slip` (0 to 1), or less."""
    if failed is None or failed.low <= slip < failed.high:
        return Trust.UNKNOWN
    return Trust.FAILS if failed.low > slip else Trust.HOLDS


def seen_until() -> datetime:
    """The moment that a page speaks of: what is sent in later was not on it."""
    return timezone.now()


def pairs_of(reviews: QuerySet[Review]) -> PairQuerySet:
    """The pairs of some reviews that still wait, in the order they are locked in."""
    return Pair.objects.filter(
        pk__in=reviews.values("pair"), state=PairState.REVIEWED
    ).order_by("pk")
