"""The table of dataset reports."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import DatasetReport, Project
from annotator.web import moments
from annotator.web.dataset_reports.figures import arrow, printed, rise
from annotator.web.dataset_reports.words import SIGNS, SOURCES
from annotator.web.http import Request
from annotator.web.labels import judge_name
from annotator.web.punctuation import comma


def reports(
    request: Request, project: Project, found: Iterable[DatasetReport]
) -> Table:
    """All reports, newest first."""
    return Table(
        caption=_("Dataset reports, newest first"),
        heads=[
            Head(_("Dataset"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Pairs")),
            Head(_("Mean rating"), _("raw → revised")),
            Head(_("Do something with it"), is_unseen=True),
        ],
        rows=[_report(request, project, each) for each in found],
    )


def _report(request: Request, project: Project, report: DatasetReport) -> list[Cell]:
    by = str(report.asked_by or "–")
    source = str(SOURCES[report.order.source])
    return [
        Cell(
            report.name,
            href=reverse("dataset-report", args=[project.slug, report.pk]),
            below=f"{source} · {moments.at(report.created_at)} · {by}",
        ),
        Cell(
            report.get_state_display(),
            state=SIGNS[report.state],
            note=progress(report),
            below=report.problem,
        ),
        _pairs(report),
        _rating(report),
        Cell(
            "",
            markup=render_to_string(
                "dataset_reports/_deeds.html",
                {"project": project, "report": report},
                request,
            ),
        ),
    ]


def progress(report: DatasetReport) -> str:
    """How far a report is that is being made."""
    if report.state != DatasetReport.State.MAKING:
        return ""
    if report.total:
        share = 100 * report.done // report.total
        return f"{report.get_stage_display()}{comma()}{share} %"
    return str(report.get_stage_display())


def _pairs(report: DatasetReport) -> Cell:
    pairs = report.document.get("pairs")
    return Cell(pairs and printed(pairs, 0), is_faint=pairs is None)


def _rating(report: DatasetReport) -> Cell:
    """By the first judge that rated any."""
    judges = report.document.get("ratings", {}).get("judges", [])
    for judge in judges:
        if "whole" in judge:
            mean = judge["whole"]["mean"]
            name = judge_name(judge["judge"])
            return Cell(arrow(mean, 2), below=f"{rise(mean, 2)} · {name}")
    return Cell(None, is_faint=True)
