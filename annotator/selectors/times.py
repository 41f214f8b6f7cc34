"""How long somebody worked, from the ticks of an open page."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from annotator.domain import timing
from annotator.models import Lease


def of_lease(lease: Lease) -> timing.ActiveTime:
    """Active and wall seconds of one hold, up to now while it runs.

    Once it has ended they stay as they were counted then, by the idle limit of then.
    """
    closed_at = lease.ended_at or timezone.now()
    if lease.active_seconds is not None:
        wall = (closed_at - lease.opened_at).total_seconds()
        return timing.ActiveTime(lease.active_seconds, max(0.0, wall))
    ticks = [timing.Tick(tick.at, tick.active) for tick in lease.ticks.order_by("at")]
    return timing.active_seconds(
        ticks,
        opened_at=lease.opened_at,
        closed_at=closed_at,
        idle_limit=timedelta(seconds=lease.pair.project.idle_seconds),
    )
