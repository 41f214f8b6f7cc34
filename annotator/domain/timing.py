"""Active time from heartbeats (the model of INCEpTION #5909 and Labelbox)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Tick:
    """One heartbeat: when it came, and whether the person had done anything."""

    at: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class ActiveTime:
    """Seconds of work, and seconds by the clock."""

    active: float
    wall: float


def active_seconds(
    ticks: Iterable[Tick],
    *,
    opened_at: datetime,
    closed_at: datetime,
    idle_limit: timedelta,
) -> ActiveTime:
    """Add up the gaps between signs of life that are no longer than the limit.

    Opening and closing the pair are signs of life, as is each active tick in
    between; a longer gap counts as none at all, so lunch is not work.
    """
    alive = [t.at for t in ticks if t.active and opened_at <= t.at <= closed_at]
    moments = [opened_at, *sorted(alive), closed_at]
    gaps = (later - earlier for earlier, later in pairwise(moments))
    active = sum(
        (gap for gap in gaps if timedelta(0) < gap <= idle_limit), timedelta(0)
    )
    wall = max(timedelta(0), closed_at - opened_at)
    return ActiveTime(active.total_seconds(), wall.total_seconds())
