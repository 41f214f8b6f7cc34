"""Where days begin: in the time zone of the installation, whoever looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils import timezone


def begin_of(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    zone = timezone.get_default_timezone()
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
