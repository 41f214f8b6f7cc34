"""Stretches of days, and how whole months cover the most of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from annotator.domain.saying import gettext

DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
"""What may be asked for: no week, month or time zone then leaves the calendar."""


def check_day(day: date) -> None:
    """ValueError for a day that nobody can ask for."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(
            gettext("%(day)s is not between %(first)s and %(last)s.")
            % {"day": day, "first": FIRST_DAY, "last": LAST_DAY}
        )


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included; None where it is open."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        after = self.start is None or day >= self.start
        return after and (self.end is None or day <= self.end)

    def days(self) -> Iterator[date]:
        """Each day; of an open period none."""
        if self.start is None or self.end is None:
            return
        for number in range((self.end - self.start).days + 1):
            yield self.start + number * DAY


@dataclass(frozen=True, slots=True)
class Cover:
    """A period as whole months, and the days before and after them."""

    months: Period | None
    """First days of months; None if the period holds no whole month."""
    days: tuple[Period, ...]


def cover(period: Period) -> Cover:
    """Split a period so that as little as possible is left to single days."""
    first = _month_from(period.start) if period.start else None
    last = _month_until(period.end) if period.end else None
    if first and last and first > last:
        return Cover(None, (period,))
    edges = []
    if period.start and first and period.start != first:
        edges.append(Period(period.start, first - DAY))
    if period.end and last and period.end != next_month(last) - DAY:
        edges.append(Period(next_month(last), period.end))
    return Cover(Period(first, last), tuple(edges))


def next_month(day: date) -> date:
    """The first day of the month that follows."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


def _month_from(day: date) -> date:
    """The first month that begins on the day or after."""
    return day if day.day == 1 else next_month(day)


def _month_until(day: date) -> date:
    """The last month that ends on the day or before."""
    month = day.replace(day=1)
    if next_month(day) - DAY == day:
        return month
    return (month - DAY).replace(day=1)


def monday(day: date) -> date:
    """The first day of its week."""
    return day - day.weekday() * DAY
