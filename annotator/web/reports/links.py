"""Addresses of what a weekly report counts."""

from __future__ import annotations

from django.urls import reverse

from annotator.models import Project
from annotator.selectors.reports.weekly import WeekReport


def rows_url(project: Project, report: WeekReport, of: str) -> str:
    """The CSV of the rows that the week's figures are counted from."""
    address = reverse("report-rows", args=[project.slug, report.week])
    return f"{address}?of={of}"


def pairs_url(project: Project, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{reverse('pairs', args=[project.slug])}?{query}"
