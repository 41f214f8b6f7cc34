"""What came of the work: the export."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.selectors import progress
from annotator.services import exporting
from annotator.web import labels
from annotator.web.http import Request, fetch_project, screen


@login_required
@require_GET
def export(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.EXPORT)
    contents = exporting.contents(project=project, actor=request.user)
    context = {
        "project": project,
        "total": contents.total,
        "counts": [
            {"label": _("revised here"), "count": contents.revised_here, "note": ""},
            {
                "label": _("imported as accepted"),
                "count": contents.imported,
                "note": _("came with their revision"),
            },
        ],
        "states": [
            {"label": labels.STATES[step.state], "count": step.count}
            for step in progress.funnel(project)
            if step.count and step.state != PairState.ACCEPTED
        ],
    }
    return screen(request, "batches/export.html", context)


@login_required
@require_GET
def export_file(request: Request, slug: str) -> HttpResponseBase:
    project = fetch_project(request, slug, Deed.EXPORT)
    lines = exporting.jsonl(project=project, actor=request.user)
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="{slug}.jsonl"'
    return response


@login_required
@require_GET
def export_manifest(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.EXPORT)
    response = JsonResponse(exporting.manifest(project=project, actor=request.user))
    response["Content-Disposition"] = f'attachment; filename="{slug}.manifest.json"'
    return response
