"""Lunch is not work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from annotator.domain.timing import Tick, active_seconds

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LIMIT = timedelta(seconds=120)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def test_gaps_up_to_the_limit_count_whole_and_longer_ones_not_at_all():
    ticks = [Tick(at(60), True), Tick(at(180), True), Tick(at(3600), True)]

    time = active_seconds(ticks, opened_at=START, closed_at=at(3660), idle_limit=LIMIT)

    assert time.active == 60 + 120 + 60
    assert time.wall == 3660


def test_an_idle_tick_is_no_sign_of_life():
    ticks = [Tick(at(100), False)]

    time = active_seconds(ticks, opened_at=START, closed_at=at(200), idle_limit=LIMIT)

    assert time.active == 0
