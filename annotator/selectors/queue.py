"""What the work pages show of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from annotator.domain.states import PairState, Stage
from annotator.models import (
    Lease,
    Pair,
    Project,
    User,
)
from annotator.selectors import counts, offered, parts
from training.selectors import active_coach

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Held:
    """A pair that somebody is at."""

    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class WhyEmpty:
    """Why there is nothing to claim right now."""

    total: int
    """Pairs of the project, in any state."""
    queued: int
    drafting: int
    ready: int
    in_review: int
    waiting_quality: int
    soon: int
    """Pairs that come within the undo time."""
    soon_seconds: int
    to_review: int
    to_judge: int
    """What the asker can take now."""
    leased: Sequence[Held]
    own: int
    """Reviews that wait for quality control but are the asker's own."""
    ready_for_others: int
    """Pairs kept for the person who wrote or typed about them."""
    has_coach: bool
    drafts_come: bool
    """A coach is active, and its worker runs."""
    parked: int
    skipped: int
    """Ready pairs that the asker has skipped."""


def drafts_come(project: Project) -> bool:
    """Whether whoever waits for a draft will get one."""
    if active_coach(project.scope) is None:
        return False
    return not any(part.name in ("app", "engine") for part in parts.silent())


def why_empty(project: Project, person: User, stage: Stage) -> WhyEmpty:
    """Explain an empty queue to the person who asked for work."""
    leases = Lease.objects.of_project(project).running().select_related("holder")
    leases = leases.filter(stage=stage, expires_at__gt=timezone.now())
    pairs = Pair.objects.filter(project=project)
    own = pairs.in_state(PairState.REVIEWED).filter(reviews__author=person)
    reserved = (
        pairs.in_state(PairState.READY)
        .filter(reserved_until__gt=timezone.now())
        .exclude(reserved_for=person)
    )
    found = counts.of_project(project)
    to_review = offered.mine(project, person, Stage.REVIEW)
    to_judge = offered.mine(project, person, Stage.QUALITY)
    return WhyEmpty(
        total=found.total,
        soon=(to_judge if stage == Stage.QUALITY else to_review).soon,
        soon_seconds=to_review.soon_seconds,
        to_review=to_review.now,
        to_judge=to_judge.now,
        queued=found.queued,
        drafting=found.drafting,
        ready=found.ready,
        in_review=found.in_review,
        waiting_quality=found.reviewed,
        leased=[
            Held(lease.holder.get_username(), lease.expires_at)
            for lease in leases.order_by("expires_at")[:20]
        ],
        own=own.distinct().count(),
        ready_for_others=reserved.count(),
        has_coach=active_coach(project.scope) is not None,
        drafts_come=drafts_come(project),
        parked=found.parked,
        skipped=pairs.in_state(PairState.READY)
        .filter(skips__person=person)
        .distinct()
        .count(),
    )
