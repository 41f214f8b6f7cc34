"""The table of rewrites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.web import moments
from annotator.web.rewrites.words import REWRITE_SIGNS
from annotator.web.tables import count


def rewrites(project: Project, found: Iterable[Any]) -> Table:
    """All rewrites (selectors.rewrites.of_project), newest first."""
    return Table(
        caption=_("Rewrites, newest first; numbers are rows"),
        heads=[
            Head(_("Dataset"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Done")),
            Head(_("Rows")),
            Head(_("Coach"), is_text=True),
        ],
        rows=[_rewrite(project, each) for each in found],
    )


def _rewrite(project: Project, row: Any) -> list[Cell]:
    by = [moments.at(row.created_at), str(row.created_by or "")]
    return [
        Cell(
            row.name,
            href=reverse("rewrite", args=[project.slug, row.pk]),
            below=" · ".join(filter(None, by)),
        ),
        Cell(row.get_state_display(), state=REWRITE_SIGNS[row.state]),
        count(row.done),
        count(row.total),
        Cell(row.coach.name),
    ]
