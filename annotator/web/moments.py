"""Days and moments in print: one way a language, in the reader's time zone.

The ways themselves stand in config/dates; whatever prints a moment asks here, so that
no page has its own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.template import Library
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = Library()
"""For templates: `{% load moments %}`."""
RECENT = timedelta(days=7)
"""So long ago a moment is told by how long ago it is."""


@register.filter
def day(when: date | datetime | None) -> str:
    """30 Nov 2026; nothing for None."""
    return _printed(when, "DATE_FORMAT")


@register.filter
def day_of_year(when: date | datetime | None) -> str:
    """30 Nov: where the year is told beside it."""
    return _printed(when, "MONTH_DAY_FORMAT")


@register.filter
def at(when: datetime | None) -> str:
    """30 Nov 2026, 23:40; nothing for None."""
    return _printed(when, "DATETIME_FORMAT")


@register.filter
def clock(when: datetime | None) -> str:
    """23:40, of a moment of today."""
    return _printed(when, "TIME_FORMAT")


@register.filter
def to_the_second(when: datetime | None) -> str:
    """23:40:05, of a moment of today."""
    return _printed(when, "H:i:s")


@register.filter
def with_zone(when: datetime | None) -> str:
    """23:40:05 UTC, for who may read it in another zone."""
    return _printed(when, "H:i:s T")


@register.filter
def machine(when: datetime | None) -> str:
    """ISO 8601, for attributes that programs read."""
    return "" if when is None else when.isoformat()


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """A `time` element: how long ago within a week, else the day and hour; the exact
    moment as its title."""
    if moment is None:
        return ""
    is_recent = timedelta() <= timezone.now() - moment < RECENT
    told = passed(moment) if is_recent else at(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{day(moment)}, {to_the_second(moment)}",
        told,
    )


@register.filter
def passed(since: datetime) -> str:
    """How long ago, in its greatest unit."""
    now = timezone.now()
    if now - since < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(since, now, depth=1)}


def _printed(when: date | datetime | None, how: str) -> str:
    if when is None:
        return ""
    if isinstance(when, datetime) and timezone.is_aware(when):
        when = timezone.localtime(when)
    return formats.date_format(when, how)
