"""Imports: upload, what became of each, rows to mend."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.formats import jsonl_pairs
from annotator.models import Batch, OfferedRevision, Pair, Project
from annotator.selectors import imports, offers, progress
from annotator.selectors.imports import ImportProgress
from annotator.services import importing, offering, receiving, screening, taking_out
from annotator.tasks import take_up
from annotator.web import csv_files, labels, numbers
from annotator.web.batches import tables
from annotator.web.batches.forms import RevisionsForm, UploadForm
from annotator.web.http import Request, fetch_project, go_to, say, screen

SIGNS: dict[str, str] = {
    Batch.State.ASKING: "parked",
    Batch.State.WAITING: "queued",
    Batch.State.READING: "training",
    Batch.State.DONE: "ready",
    Batch.State.FAILED: "failed",
    Batch.State.CANCELLED: "cancelled",
}
"""The colour of a state's dot, among those there are."""
REJECTS_SHOWN = 200
REMARKS_SHOWN = 50
OFFERS_SHOWN = 100


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        batch = receiving.receive(
            project=project,
            actor=request.user,
            file=upload.file,
            name=upload.name,
            way=form.way(),
            revised_as_accepted=form.cleaned_data["revised_as_accepted"],
        )
        if batch.state == Batch.State.ASKING:
            return go_to(request, "batch-mapping", project.slug, batch.pk)
        take_up(batch)
        return go_to(request, "batch", project.slug, batch.pk)
    table = tables.imports(project, progress.batches(project))
    context = {"project": project, "form": form, "table": table}
    status = 422 if form.errors else 200
    return screen(request, "batches/list.html", context, status=status)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page; htmx asks for its live part while the file is read."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    if request.htmx.target == "import" and not imports.progress(batch).is_running:
        return refreshed()
    context = _shown(request, project, batch)
    return screen(request, "batches/show.html", context, part="import")


def refreshed() -> HttpResponse:
    """The whole page anew: what was read is on it."""
    answer = HttpResponse()
    answer["HX-Refresh"] = "true"
    return answer


def _shown(request: Request, project: Project, batch: Batch) -> dict[str, Any]:
    stands = imports.progress(batch)
    live = {"project": project, "batch": batch, "progress": _printed(stands)}
    if request.htmx:
        return live
    excluded = batch.pairs.in_state(PairState.EXCLUDED).order_by("row")
    return {
        **live,
        "excluded": excluded.count(),
        "excluded_pairs": tables.excluded(request, project, excluded[:REJECTS_SHOWN]),
        "accepted": batch.pairs.in_state(PairState.ACCEPTED).count(),
        "exclusions": [
            {"label": labels.EXCLUSIONS[reason], "count": count}
            for reason, count in progress.exclusions(batch).items()
        ],
        "rejects": tables.rejects(batch.rejects.all()[:REJECTS_SHOWN]),
        "rejects_kept": batch.rejects.count(),
        "columns": [
            {"name": name, "rows": rows} for name, rows in batch.extra_columns.items()
        ],
        "remarks": batch.remarks.all()[:REMARKS_SHOWN],
        "offers": list(offers.waiting(batch)[:OFFERS_SHOWN]),
        "offers_waiting": offers.waiting(batch).count(),
        "offers_decided": [
            {"label": OfferedRevision.Outcome(name).label, "count": count}
            for name, count in offers.decided(batch).items()
        ],
    }


def _printed(stands: ImportProgress) -> dict[str, object]:
    return {
        "is_running": stands.is_running,
        "sign": SIGNS[stands.state],
        "percent": None if stands.share is None else round(100 * stands.share),
        "rows_per_second": stands.rows_per_second,
        "time_left": numbers.minutes(stands.seconds_left),
    }


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    """Read no further; what is in stays."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    importing.cancel(batch=batch, actor=request.user)
    return go_to(request, "batch", project.slug, pk)


@login_required
@require_POST
def retry(request: Request, slug: str, pk: int) -> HttpResponse:
    """Go on behind the rows that are in."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    importing.retry(batch=batch, actor=request.user)
    take_up(batch)
    return go_to(request, "batch", project.slug, pk)


@login_required
@require_POST
def take_out(request: Request, slug: str, pk: int) -> HttpResponse:
    """Delete the batch with its pairs, which nobody has touched."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    name = batch.name
    count = taking_out.take_out(batch=batch, actor=request.user)
    told = ngettext(
        "%(name)s is taken out again, with its %(n)d pair.",
        "%(name)s is taken out again, with its %(n)d pairs.",
        count,
    )
    say(request, told % {"name": name, "n": count})
    return go_to(request, "batches", project.slug)


@login_required
@require_GET
def rejects(request: Request, slug: str, pk: int) -> StreamingHttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    rejects = batch.rejects.all()
    rows = ((reject.row, reject.message, reject.source) for reject in rejects)
    heads = ["row", "what is wrong", "source"]
    return csv_files.answer(f"rejects-{pk}.csv", heads, rows)


@login_required
@require_GET
def rejects_as_json(request: Request, slug: str, pk: int) -> StreamingHttpResponse:
    """The same to the letter, for programs: a spreadsheet would calculate with it."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    rows = batch.rejects.values("row", "message", "source")
    response = StreamingHttpResponse(jsonl_pairs.write(rows))
    response["Content-Type"] = "application/jsonl"
    response["Content-Disposition"] = f'attachment; filename="rejects-{pk}.jsonl"'
    return response


@login_required
@require_POST
def revisions(request: Request, slug: str, pk: int) -> HttpResponse:
    """Take or leave the revisions that wait: the named one, or all."""
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    form = RevisionsForm(request.POST)
    if not form.is_valid():
        raise Invalid(
            gettext("Say whether the revisions are taken or left, and which.")
        )
    decide = offering.leave if form.cleaned_data["way"] == "leave" else offering.take
    told = decide(batch=batch, actor=request.user, offers=form.offers())
    say(request, _told(told))
    return go_to(request, "batch", project.slug, batch.pk)


def _told(told: dict[str, int]) -> str:
    return (
        gettext(
            "Revisions: %(accepted)d taken as accepted reviews, %(kept)d kept in the "
            "history of their pairs, %(left)d not taken."
        )
        % told
    )


@login_required
@require_POST
def overrule(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    pair = get_object_or_404(Pair, pk=pk, project=project)
    screening.overrule(pair=pair, actor=request.user)
    return go_to(request, "batch", project.slug, pair.batch_id)
