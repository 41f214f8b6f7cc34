"""The tables of imports, and of the rows of one that went another way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Pair, Project, RowReject
from annotator.web.http import Request
from annotator.web.tables import count, excerpt


def imports(project: Project, batches: Iterable[Any]) -> Table:
    """All imports (selectors.progress.batches), newest first."""
    return Table(
        caption=_("Imports, newest first; numbers are pairs or rows"),
        heads=[
            Head(_("Batch"), is_text=True),
            Head(_("Rows")),
            Head(_("Imported")),
            Head(_("Duplicates")),
            Head(_("Rejected")),
            Head(_("Excluded")),
            Head(_("Accepted")),
        ],
        rows=[_import(project, batch) for batch in batches],
    )


def _import(project: Project, batch: Any) -> list[Cell]:
    address = reverse("batch", args=[project.slug, batch.pk])
    context = {"batch": batch, "address": address}
    return [
        Cell(batch.name, markup=render_to_string("batches/_name.html", context)),
        count(batch.rows),
        count(batch.imported),
        count(batch.duplicates),
        count(batch.rejected, href=f"{address}#rejects"),
        count(batch.excluded),
        count(batch.accepted),
    ]


def excluded(request: Request, project: Project, pairs: Iterable[Pair]) -> Table:
    """Pairs to be brought back if a rule or a person was wrong."""
    return Table(
        caption=_("Excluded pairs of this batch"),
        heads=[
            Head(_("Row")),
            Head(_("Instruction"), is_text=True),
            Head(_("Why"), is_text=True),
            Head(_("Bring back"), is_unseen=True),
        ],
        rows=[
            [
                count(pair.row),
                excerpt(pair.instruction, 160, look="text"),
                Cell(pair.get_exclusion_reason_display(), below=pair.exclusion_note),
                _bring_back(request, project, pair),
            ]
            for pair in pairs
        ],
        named_by=None,
    )


def _bring_back(request: Request, project: Project, pair: Pair) -> Cell:
    context = {"project": project, "pair": pair}
    form = render_to_string("batches/_bring_back.html", context, request)
    return Cell("", markup=form)


def rejects(found: Iterable[RowReject]) -> Table:
    """Rows that could not be imported."""
    return Table(
        caption=_("Rows that could not be imported"),
        heads=[
            Head(_("Row")),
            Head(_("What is wrong"), is_text=True),
            Head(_("The row"), is_text=True),
        ],
        rows=[
            [
                count(reject.row),
                Cell(reject.message, look="text"),
                excerpt(reject.source, 240, look="text mono"),
            ]
            for reject in found
        ],
        named_by=None,
    )
