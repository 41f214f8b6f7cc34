"""Where days begin: in the time zone of the installation, whoever looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from annotator.domain.periods import FIRST_DAY, LAST_DAY


def begin_of(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    zone = timezone.get_default_timezone()
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


LIMITS = [
    MinValueValidator(datetime.combine(FIRST_DAY, time.min, tzinfo=UTC)),
    MaxValueValidator(datetime.combine(LAST_DAY, time.min, tzinfo=UTC)),
]
"""Of a moment that somebody asks for."""
