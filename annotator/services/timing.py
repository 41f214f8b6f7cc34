"""Heartbeats of open pages: they keep the lease and measure active time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator.domain import timing
from annotator.domain.states import Stage
from annotator.models import Lease, Tick, User
from annotator.services import queueing


@transaction.atomic
def record_tick(*, token: UUID, person: User, stage: Stage, active: bool) -> Lease:
    """Store one heartbeat; an active one lets the lease run on."""
    lease = queueing.held(token=token, person=person, stage=stage)
    Tick.objects.create(lease=lease, active=active)
    return queueing.keep_alive(lease) if active else lease


def time_spent(lease: Lease) -> timing.ActiveTime:
    """Active and wall seconds of a lease up to now, from its raw ticks."""
    ticks = [timing.Tick(tick.at, tick.active) for tick in lease.ticks.order_by("at")]
    return timing.active_seconds(
        ticks,
        opened_at=lease.opened_at,
        closed_at=lease.ended_at or timezone.now(),
        idle_limit=timedelta(seconds=lease.pair.project.idle_seconds),
    )
