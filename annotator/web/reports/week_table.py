"""The table of weeks that have work."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.weeks import Week
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.reports.weekly import Trend
from annotator.web import moments
from annotator.web.numbers import rounded
from annotator.web.tables import count


def weeks(project: Project, found: Sequence[Trend], this_week: Week) -> Table:
    """Weeks, newest first, each with its report and its PDF."""
    return Table(
        caption=_("Weeks that have work, newest first"),
        heads=[
            Head(_("Week"), is_text=True),
            Head(_("Submitted"), _("reviews")),
            Head(_("Accepted"), _("reviews")),
            Head(_("Sent back"), _("reviews")),
            Head(_("Active time"), _("hours")),
            Head(
                _("Accepted as drafted"),
                # xgettext:no-python-format
                _("% of usable drafts"),
            ),
            Head("PDF", is_unseen=True),
        ],
        rows=[_week(project, each, this_week) for each in found],
    )


def _week(project: Project, each: Trend, this_week: Week) -> list[Cell]:
    first, last = each.week.days[0], each.week.days[-1]
    begin, end = moments.day_of_year(first), moments.day(last)
    where = [project.slug, each.week]
    return [
        Cell(
            str(each.week),
            href=reverse("report", args=where),
            note=_("so far") if each.week == this_week else "",
            below=f"{begin} – {end}",
        ),
        count(each.reviewed),
        count(each.accepted),
        count(each.returned),
        Cell(rounded(each.active_hours, 1)),
        Cell(rounded(each.as_drafted_percent)),
        Cell("PDF", href=reverse("report-pdf", args=where), unseen=str(each.week)),
    ]
