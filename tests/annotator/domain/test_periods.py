"""Months and days cover a period without gap or overlap."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, strategies

from annotator.domain.periods import DAY, Cover, Period, cover, monday, next_month

days = strategies.dates(date(2024, 1, 1), date(2026, 12, 31))


def covered(found: Cover) -> list[date]:
    listed = [day for edge in found.days for day in edge.days()]
    if found.months and found.months.start and found.months.end:
        month = found.months.start
        while month <= found.months.end:
            listed += Period(month, next_month(month) - DAY).days()
            month = next_month(month)
    return sorted(listed)


@given(days, strategies.integers(0, 500))
def test_each_day_is_covered_exactly_once(start, length):
    period = Period(start, start + timedelta(days=length))

    assert covered(cover(period)) == list(period.days())


def test_an_open_period_is_months_and_one_edge():
    assert cover(Period()) == Cover(Period(), ())
    assert cover(Period(date(2026, 2, 1), None)) == Cover(
        Period(date(2026, 2, 1), None), ()
    )
    assert cover(Period(None, date(2026, 3, 5))) == Cover(
        Period(None, date(2026, 2, 1)), (Period(date(2026, 3, 1), date(2026, 3, 5)),)
    )


def test_a_period_knows_its_days():
    period = Period(date(2026, 1, 30), date(2026, 2, 2))

    assert len(list(period.days())) == 4
    assert date(2026, 2, 2) in period
    assert date(2026, 2, 3) not in period
    assert date(1999, 1, 1) in Period(None, date(2026, 1, 1))


def test_weeks_begin_on_monday():
    assert monday(date(2026, 11, 29)) == date(2026, 11, 23)
