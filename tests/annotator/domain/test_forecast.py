"""A finish date is told with its doubt, or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from annotator.domain.forecast import WINDOW, Reason, forecast

TODAY = date(2026, 11, 28)


def test_an_even_pace_gives_one_day():
    found = forecast([10] * WINDOW, 95, TODAY)

    # Ten days of ten pairs, today among them.
    assert found.likely == found.early == found.late == TODAY + timedelta(days=9)
    assert found.a_day == 10


def test_days_off_count():
    week = [50, 50, 50, 50, 50, 0, 0]

    found = forecast(week * 4, 5000, TODAY)

    assert found.a_day == pytest.approx(250 / 7)
    assert found.early < TODAY + timedelta(days=140) < found.late
    assert abs((found.likely - TODAY).days - 140) < 7


@pytest.mark.parametrize(
    ("accepted", "remaining", "reason"),
    [
        ([10] * 28, 0, Reason.DONE),
        ([10] * 13, 100, Reason.TOO_SHORT),
        ([], 100, Reason.TOO_SHORT),
        ([0] * 24 + [50] * 4, 100, Reason.TOO_FEW),
        ([1, 0, 0, 1] * 7, 1_000_000, Reason.TOO_FAR),
    ],
)
def test_it_says_why_it_cannot_tell(accepted, remaining, reason):
    found = forecast(accepted, remaining, TODAY)

    assert found.reason == reason
    assert found.likely is None


@pytest.mark.parametrize("remaining", [400, 3000])
def test_the_interval_holds_the_true_day_about_as_often_as_it_says(remaining):
    chance = np.random.default_rng(5)
    week = np.array([30, 40, 35, 45, 25, 0, 0])
    tries, held = 200, 0
    for _ in range(tries):
        lived = chance.poisson(np.tile(week, 40) * chance.gamma(8, 1 / 8, 280))
        found = forecast(list(lived[:WINDOW]), remaining, TODAY)
        truly = int((lived[WINDOW:].cumsum() < remaining).sum())
        held += found.early <= TODAY + timedelta(days=truly) <= found.late

    assert held / tries >= 0.9
