"""Dataset reports of a project."""

from __future__ import annotations

from annotator.domain.dataset_reports import Source
from annotator.models import DatasetReport, Project

SHOWN = 50


def of_project(project: Project) -> list[DatasetReport]:
    """The newest ones."""
    found = project.dataset_reports.select_related("asked_by").defer("for_raters")
    return list(found.order_by("-pk")[:SHOWN])


def newest_made(project: Project, coach: int | None = None) -> DatasetReport | None:
    """The newest that can be read; of a coach: of what went on from its drafts."""
    made = project.dataset_reports.filter(state=DatasetReport.State.DONE)
    newest = made.defer("for_raters").order_by("-pk")
    if coach is None:
        return newest.first()
    return next((each for each in newest[:SHOWN] if _is_of(each, coach)), None)


def _is_of(report: DatasetReport, coach: int) -> bool:
    order = report.order
    return order.source == Source.COACH and order.number == coach
