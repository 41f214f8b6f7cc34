"""Dataset reports of a project."""

from __future__ import annotations

from annotator.models import DatasetReport, Project

SHOWN = 50


def of_project(project: Project) -> list[DatasetReport]:
    """The newest ones."""
    found = project.dataset_reports.select_related("asked_by").defer("for_raters")
    return list(found.order_by("-pk")[:SHOWN])


def newest_made(project: Project) -> DatasetReport | None:
    """The newest that can be read."""
    made = project.dataset_reports.filter(state=DatasetReport.State.DONE)
    return made.order_by("-pk").first()
