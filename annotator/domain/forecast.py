"""When will the pairs be done? A bootstrap over the days of the last weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

WINDOW = 28
"""Days that are looked back on: days off are among them, as they will be ahead."""
FEWEST_DAYS = 14
"""Days since the first accepted pair below which nothing is said."""
FEWEST_WORKED = 5
"""Days on which pairs were accepted, at least."""
HORIZON = 5 * 365
"""Days ahead beyond which no date is told."""
RESAMPLES = 1000
SEED = 17


class Reason(StrEnum):
    """Why no date is told."""

    DONE = "done"
    TOO_SHORT = "too_short"
    TOO_FEW = "too_few"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which the last pair is accepted; 95 % interval."""

    remaining: int
    """Pairs that are neither accepted nor excluded."""
    a_day: float
    """Pairs accepted a day, mean of the window, days off included."""
    window: int
    """Days that were looked back on."""
    reason: Reason | None = None
    likely: date | None = None
    """Median."""
    early: date | None = None
    late: date | None = None


def forecast(accepted: Sequence[int], remaining: int, today: date) -> Forecast:
    """Tell when `remaining` pairs are done, from those accepted on the last days.

    `accepted`: pairs of each of the last days, zeros included, oldest first and
    without today, which is not over. Each resample first draws the days anew (what if
    other days had been seen?) and then lives on by days drawn from those, so the
    interval holds both what is not known of the pace and what chance does with it.
    """
    window = list(accepted)[-WINDOW:]
    pace = sum(window) / len(window) if window else 0.0
    reason = _unable(window, remaining, pace)
    if reason:
        return Forecast(remaining, pace, len(window), reason)
    days = _days_needed(np.array(window), remaining)
    early, likely, late = np.quantile(days, [0.025, 0.5, 0.975], method="nearest")
    if late > HORIZON:
        return Forecast(remaining, pace, len(window), Reason.TOO_FAR)
    ends = (today + timedelta(days=int(found) - 1) for found in (likely, early, late))
    return Forecast(remaining, pace, len(window), None, *ends)


def _unable(window: Sequence[int], remaining: int, pace: float) -> Reason | None:
    if remaining <= 0:
        return Reason.DONE
    if len(window) < FEWEST_DAYS:
        return Reason.TOO_SHORT
    if sum(count > 0 for count in window) < FEWEST_WORKED:
        return Reason.TOO_FEW
    return Reason.TOO_FAR if remaining / pace > HORIZON else None


def _days_needed(window: np.ndarray, remaining: int) -> np.ndarray:
    """Days until the pairs are done, one figure a resample; capped past the horizon.

    Far ahead, single days hardly matter: after `near` days the mean of the redrawn
    window goes on in a straight line.
    """
    chance = np.random.default_rng(SEED)
    size = len(window)
    redrawn = window[chance.integers(0, size, (RESAMPLES, size))]
    near = min(HORIZON, 120)
    lived = np.take_along_axis(
        redrawn, chance.integers(0, size, (RESAMPLES, near)), axis=1
    ).cumsum(1)
    reached = (lived < remaining).sum(1) + 1
    left = remaining - lived[:, -1]
    pace = redrawn.mean(1)
    further = np.full(RESAMPLES, float(HORIZON))
    np.divide(left, pace, out=further, where=pace > 0)
    beyond = near + np.ceil(np.maximum(further, 0))
    days: np.ndarray = np.where(left > 0, np.minimum(beyond, HORIZON + 1), reached)
    return days
