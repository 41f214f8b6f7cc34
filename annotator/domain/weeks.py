"""Weeks as ISO 8601 counts them: from Monday, week 1 is the one with 4 January."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Self

from annotator.domain.periods import check_day
from annotator.domain.saying import gettext


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week of one ISO year, such as 2026-W48."""

    year: int
    number: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.number, 1)  # ValueError if there is none

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-W48`; ValueError for anything else, for a week 53 too many, and
        outside the years in which work can be asked for."""
        year, found, number = text.partition("-W")
        if not (found and year.isdecimal() and number.isdecimal()):
            raise ValueError(
                gettext("A week is written as 2026-W48, not %(text)r.") % {"text": text}
            )
        week = cls(int(year), int(number))
        check_day(week.monday)
        return week

    @classmethod
    def of(cls, day: date) -> Self:
        """The week of a day (or of a moment, by its own time zone)."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def days(self) -> list[date]:
        """Monday to Sunday."""
        return [self.monday + timedelta(days=n) for n in range(7)]

    @property
    def before(self) -> Self:
        return self.of(self.monday - timedelta(days=7))

    @property
    def after(self) -> Self:
        return self.of(self.monday + timedelta(days=7))

    def start(self, zone: tzinfo) -> datetime:
        """Monday, midnight, in the time zone."""
        return datetime.combine(self.monday, time.min, tzinfo=zone)

    def end(self, zone: tzinfo) -> datetime:
        """The Monday after, midnight: itself no longer in the week."""
        return self.after.start(zone)


class InAddress:
    """A week in an address, as a converter of Django's."""

    regex = r"\d{4}-W\d{2}"

    def to_python(self, text: str) -> Week:
        return Week.parse(text)

    def to_url(self, week: Week) -> str:
        return str(week)
