"""The tables of imports, and of the rows of one that went another way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.rubric import ExclusionReason
from annotator.formats.json_values import dumps
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Pair, Project, RowReject
from annotator.web import labels
from annotator.web.http import Request
from annotator.web.tables import count, excerpt

COLUMNS_SHOWN = 30


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
                Cell(_why(pair), below=pair.exclusion_note),
                _bring_back(request, project, pair),
            ]
            for pair in pairs
        ],
        named_by=None,
    )


def _why(pair: Pair) -> str:
    return str(labels.EXCLUSIONS[ExclusionReason(pair.exclusion_reason)])


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


def first_rows(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Table:
    """The first rows of a file as it has them; the first of very many columns."""
    shown = names[:COLUMNS_SHOWN]
    return Table(
        caption=_("The first rows of the file"),
        heads=[Head(name, is_text=True) for name in shown],
        rows=[
            [excerpt(_as_text(row.get(name)), 120, look="text mono") for name in shown]
            for row in rows
        ],
        named_by=None,
    )


def _as_text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return dumps(value)


def would_be_rejected(found: Iterable[Mapping[str, Any]]) -> Table:
    """Rows that an import would refuse."""
    return Table(
        caption=_("Rows that would be rejected"),
        heads=[
            Head(_("Row")),
            Head(_("What is wrong"), is_text=True),
            Head(_("The row"), is_text=True),
        ],
        rows=[
            [
                count(reject["row"]),
                Cell(reject["message"], look="text"),
                excerpt(reject["source"], 240, look="text mono"),
            ]
            for reject in found
        ],
        named_by=None,
    )
