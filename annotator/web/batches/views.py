"""Imports: upload, what became of each, rows to mend."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.formats import jsonl_pairs
from annotator.models import Batch, OfferedRevision, Pair
from annotator.selectors import offers, progress
from annotator.services import importing, offering, screening
from annotator.tasks import draft_next_batch, nudge
from annotator.web import csv_files, labels
from annotator.web.batches import tables
from annotator.web.batches.forms import RevisionsForm, UploadForm
from annotator.web.http import Request, fetch_project, go_to, say, screen

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
        batch = importing.import_pairs(
            project=project,
            actor=request.user,
            file=upload.file,
            name=upload.name,
            revised_as_accepted=form.cleaned_data["revised_as_accepted"],
        )
        nudge(draft_next_batch, project.pk)
        return go_to(request, "batch", project.slug, batch.pk)
    imports = tables.imports(project, progress.batches(project))
    context = {"project": project, "form": form, "table": imports}
    status = 422 if form.errors else 200
    return screen(request, "batches/list.html", context, status=status)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    batch = get_object_or_404(Batch, pk=pk, project=project)
    excluded = batch.pairs.in_state(PairState.EXCLUDED).order_by("row")
    context = {
        "project": project,
        "batch": batch,
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
    return screen(request, "batches/show.html", context)


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
        raise Invalid("Say whether the revisions are taken or left, and which.")
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
