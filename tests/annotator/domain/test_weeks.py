"""ISO weeks, their ends in a time zone, and their names."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from annotator.domain.weeks import Week

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_week_is_named_as_iso_names_it():
    assert str(Week.of(date(2026, 11, 28))) == "2026-W48"
    assert str(Week.of(date(2027, 1, 1))) == "2026-W53"
    assert Week.parse("2026-W05") == Week(2026, 5)


@pytest.mark.parametrize("text", ["2026-48", "2025-W53", "2026-W0", "W", "2026-W+1"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(ValueError, match=r"[Ww]eek"):
        Week.parse(text)


def test_weeks_follow_each_other_over_the_new_year():
    assert Week(2026, 53).after == Week(2027, 1)
    assert Week(2027, 1).before == Week(2026, 53)
    assert Week(2026, 53) < Week(2027, 1)


def test_a_week_ends_where_the_next_begins_also_when_clocks_change():
    autumn = Week(2026, 43)

    assert autumn.end(BERLIN) == autumn.after.start(BERLIN)
    assert autumn.start(BERLIN) == datetime(2026, 10, 19, tzinfo=BERLIN)
    hours = (autumn.end(BERLIN).timestamp() - autumn.start(BERLIN).timestamp()) / 3600
    assert hours == 7 * 24 + 1
