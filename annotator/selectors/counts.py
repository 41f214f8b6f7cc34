"""How many pairs stand where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import caches
from django.db.models import Count, Q

from annotator.domain.states import PairState
from annotator.models import (
    Batch,
    Check,
    Pair,
    Project,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Pairs, by where they wait."""

    ready: int
    parked: int
    in_review: int
    queued: int
    drafting: int
    disputed: int
    reviewed: int
    in_quality: int
    accepted: int
    excluded: int

    @property
    def done(self) -> int:
        """Pairs that need no annotator any more."""
        judged = self.disputed + self.reviewed + self.in_quality
        return judged + self.accepted + self.excluded

    @property
    def total(self) -> int:
        waiting = self.ready + self.parked + self.in_review
        waiting += self.queued + self.drafting
        return waiting + self.done


COUNTS_KEPT_SECONDS = 30
"""Counting 50,000 pairs takes longer than all else that a submit does."""


def recent(project: Project) -> QueueCounts:
    """`counts`, up to half a minute old: the desk asks at every pair."""
    found: QueueCounts | None = caches["process"].get(f"counts:{project.pk}")
    if found is None:
        found = of_project(project)
        caches["process"].set(f"counts:{project.pk}", found, COUNTS_KEPT_SECONDS)
    return found


def seeming_batch(pair: Pair) -> Batch:
    """The batch that the desk counts: of a check, the one that it looks like."""
    if pair.project.checks_of_id is None:
        return pair.batch
    source = Check.objects.select_related("source__pair__batch").get(pair=pair).source
    return source.pair.batch


def recent_batch(batch: Batch) -> tuple[int, int]:
    """(done, total) pairs of a batch, up to half a minute old."""
    found: tuple[int, int] | None = caches["process"].get(f"batch:{batch.pk}")
    if found is None:
        done = Count("pk", filter=Q(state__in=DONE))
        row = batch.pairs.aggregate(done=done, total=Count("pk"))
        found = (row["done"], row["total"])
        caches["process"].set(f"batch:{batch.pk}", found, COUNTS_KEPT_SECONDS)
    return found


DONE = (
    PairState.DISPUTED,
    PairState.REVIEWED,
    PairState.IN_QUALITY,
    PairState.ACCEPTED,
    PairState.EXCLUDED,
)


def of_project(project: Project) -> QueueCounts:
    """Count a project's pairs by state, in one query."""
    names = QueueCounts.__dataclass_fields__
    by_state = {name: Count("pk", filter=Q(state=PairState(name))) for name in names}
    return QueueCounts(**Pair.objects.filter(project=project).aggregate(**by_state))
