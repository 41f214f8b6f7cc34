"""Heartbeats of open pages: they keep the lease and measure active time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator.domain import timing
from annotator.domain.states import Stage
from annotator.models import Candidate, Lease, Tick, User
from annotator.selectors import times
from annotator.services import autosaving, prefetching, queueing


@transaction.atomic
def record_tick(
    *, token: UUID, person: User, stage: Stage, active: bool, tab: UUID | None = None
) -> Lease:
    """Store one heartbeat; an active one lets the lease run on.

    OtherTab if another tab of the person holds the pen: time counts once.
    """
    lease = queueing.held(token=token, person=person, stage=stage)
    if tab:
        autosaving.hold_pen(lease, tab)
    Tick.objects.create(lease=lease, active=active)
    if not active:
        return lease
    if tab:
        prefetching.keep(person, tab)
    return queueing.keep_alive(lease)


def time_spent(leases: Iterable[Lease]) -> timing.ActiveTime:
    """Active and wall seconds of some leases up to now, from their raw ticks."""
    spent = [times.of_lease(lease) for lease in leases]
    return timing.ActiveTime(
        active=sum(one.active for one in spent), wall=sum(one.wall for one in spent)
    )


def regenerate_seconds(leases: Iterable[Lease]) -> float:
    """Seconds in which the coach wrote candidates; those side by side count once."""
    asked = Candidate.objects.filter(lease__in=list(leases)).order_by("asked_at")
    now, until = (
        timezone.now(),
        datetime.min.replace(tzinfo=timezone.get_default_timezone()),
    )
    total = timedelta(0)
    for candidate in asked:
        end = candidate.ended_at or now
        total += max(timedelta(0), end - max(until, candidate.asked_at))
        until = max(until, end)
    return total.total_seconds()
