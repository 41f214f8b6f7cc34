"""Days and moments: one way a language, in the reader's time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation

from annotator.web import moments

NOON = datetime(2026, 3, 9, 12, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "at", "short"),
    [
        ("en", "9 Mar 2026", "9 Mar 2026, 20:05", "9 Mar"),
        ("zh-hans", "2026年3月9日", "2026年3月9日 20:05", "3月9日"),
    ],
)
def test_each_language_has_one_way(language, day, at, short):
    with translation.override(language), timezone.override("Asia/Shanghai"):
        assert moments.day(NOON) == moments.day(date(2026, 3, 9)) == day
        assert moments.at(NOON) == at
        assert moments.day_of_year(NOON) == short
        assert moments.clock(NOON) == "20:05"
        assert moments.to_the_second(NOON) == "20:05:07"
        assert moments.with_zone(NOON) == "20:05:07 CST"


def test_a_day_is_that_of_the_readers_zone():
    late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)

    with translation.override("en"), timezone.override("Asia/Shanghai"):
        assert moments.day(late) == "10 Mar 2026"


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=3, seconds=10), "3 minutes ago"),
        (timedelta(days=2, hours=5), "2 days ago"),
    ],
)
def test_what_is_recent_is_told_by_how_long_ago_with_the_exact_moment(passed, told):
    with translation.override("en"):
        shown = moments.when(timezone.now() - passed)

    assert shown.replace("\xa0", " ").endswith(f">{told}</time>")
    assert re.search(r'title="\d+ \w+ \d{4}, \d\d:\d\d:\d\d"', shown)


@pytest.mark.parametrize("passed", [timedelta(days=8), -timedelta(hours=1)])
def test_what_is_not_recent_or_still_to_come_is_told_by_its_day(passed):
    moment = timezone.now() - passed

    assert f">{moments.at(moment)}</time>" in moments.when(moment)


def test_what_never_was_is_told_by_nothing():
    told = (moments.day, moments.at, moments.clock, moments.when, moments.machine)

    assert [each(None) for each in told] == [""] * len(told)


def test_no_template_and_no_screen_has_a_way_of_its_own():
    base = Path(settings.BASE_DIR)
    by_hand = re.compile(r"\|\s*(date|time|timesince|naturaltime)\b|{%\s*now\b")
    in_code = re.compile(r"date_format\(|strftime\(|timesince\(")

    found = [
        f"{path.relative_to(base)}: {match[0]}"
        for folder, ending, wrong in (
            ("templates", "*.html", by_hand),
            ("annotator/web", "*.py", in_code),
        )
        for path in (base / folder).rglob(ending)
        if path.name != "moments.py"
        for match in wrong.finditer(path.read_text())
    ]

    assert found == []
