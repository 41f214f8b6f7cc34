"""Numbers of a weekly report in print, and the addresses of what they count."""

from __future__ import annotations

from django.urls import reverse

from annotator.models import Project
from annotator.selectors.reports import Report


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def change(now: float, before: float, digits: int = 0) -> str:
    """Against the week before, with a sign."""
    return f"{now - before:+,.{digits}f}" if now != before else "±0"


def rows_url(project: Project, report: Report, of: str) -> str:
    """The CSV of the rows that the week's figures are counted from."""
    address = reverse("report-rows", args=[project.slug, report.week])
    return f"{address}?of={of}"


def pairs_url(project: Project, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{reverse('pairs', args=[project.slug])}?{query}"
