"""Numbers in print."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from annotator.domain.intervals import Share
from annotator.web import numbers


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def rounded(value: float | None, digits: int = 0) -> str:
    """As templates print it: halves go up, and thousands are not parted."""
    return "–" if value is None else str(floatformat(value, digits))


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def change(now: float, before: float, digits: int = 0) -> str:
    """Against the week before, with a sign."""
    return f"{now - before:+,.{digits}f}" if now != before else "±0"


@dataclass(frozen=True, slots=True)
class PrintedInterval:
    """A value with its 95 % bounds, ready to print."""

    value: str
    low: str
    high: str


def minutes(seconds: float | None) -> str:
    """A duration for people."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("%(n)d s") % {"n": round(seconds)}
    return _("%(n)d min") % {"n": round(seconds / 60)}


def per_cent(found: Share | None) -> numbers.PrintedInterval | None:
    """A share and its interval, ready to print."""
    if found is None:
        return None
    values = (found.value, found.low, found.high)
    return numbers.PrintedInterval(*(f"{100 * value:.0f}" for value in values))
