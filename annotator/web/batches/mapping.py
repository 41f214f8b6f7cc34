"""Say which column is what, see five pairs of it, try the whole file, import it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.formats.rows import PairRow, Row, RowProblem
from annotator.formats.shapes.mapping import Mapping
from annotator.models import Batch, Project
from annotator.services import mapping
from annotator.services.mapping import Sample
from annotator.tasks import take_up
from annotator.web.batches import tables
from annotator.web.batches.forms import MappingForm
from annotator.web.http import Request, fetch_project, go_to, screen

FIRST_ROWS = 5


@login_required
@require_http_methods(["GET", "POST"])
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    if batch.state != Batch.State.ASKING:
        return go_to(request, "batch", slug, pk)
    first = mapping.sample(batch)
    form = _form(request, batch, first)
    if form.is_valid():
        return _settle(request, batch, form.mapping())
    status = 422 if form.errors else 200
    context = _shown(project, batch, first, form)
    return screen(request, "batches/mapping.html", context, status=status)


def _form(request: Request, batch: Batch, first: Sample) -> MappingForm:
    """With the columns to choose from, and those that were named before by a path."""
    offered = mapping.offered(batch, first)
    return MappingForm(
        request.POST or None,
        initial=offered.as_dict(),
        columns=list(dict.fromkeys([*first.columns, *offered.columns.values()])),
    )


def _settle(request: Request, batch: Batch, chosen: Mapping) -> HttpResponse:
    is_dry = request.POST.get("action") == "try"
    batch = mapping.settle(
        batch=batch, actor=request.user, mapping=chosen, is_dry=is_dry
    )
    is_read = take_up(batch)
    view = "batch-mapping" if is_dry and is_read else "batch"
    return go_to(request, view, batch.project.slug, batch.pk)


@login_required
@require_POST
def preview(request: Request, slug: str, pk: int) -> HttpResponse:
    """The first pairs by what is chosen now; nothing is stored."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    form = _form(request, batch, mapping.sample(batch))
    form.is_valid()
    context = {"project": project, "batch": batch, **_previewed(batch, form.mapping())}
    return screen(request, "batches/mapping.html", context, part="preview")


def _shown(
    project: Project, batch: Batch, first: Sample, form: MappingForm
) -> dict[str, Any]:
    chosen = form.mapping() if form.is_bound else Mapping(**form.initial)
    report = batch.report
    return {
        "project": project,
        "batch": batch,
        "form": form,
        "is_remembered": not form.is_bound
        and not batch.mapping
        and mapping.remembered(batch, first) is not None,
        "first": tables.first_rows(first.names, first.rows[:FIRST_ROWS]),
        "report": report,
        "report_rejects": tables.would_be_rejected(report.get("rejects", ())),
        **_previewed(batch, chosen),
    }


def _previewed(batch: Batch, chosen: Mapping) -> dict[str, Any]:
    if chosen.fault:
        return {"fault": chosen.fault, "pairs": []}
    return {"fault": "", "pairs": list(map(_told, mapping.preview(batch, chosen)))}


def _told(row: Row) -> dict[str, Any]:
    match row:
        case PairRow():
            return {"row": row, "number": row.number, "remarks": row.remarks}
        case RowProblem():
            return {"number": row.number, "problem": row.message}
    return {"remarks": [row.message]}
