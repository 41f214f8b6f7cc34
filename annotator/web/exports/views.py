"""Exports: ask for one, watch it, fetch it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator import downloads
from annotator.domain.roles import Deed
from annotator.models import Export, Project
from annotator.services import exporting
from annotator.tasks import nudge, write_export
from annotator.web.exports import tables
from annotator.web.exports.forms import ExportForm
from annotator.web.http import Request, fetch_project, go_to, screen

SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its list while something is written."""
    project = fetch_project(request, slug, Deed.EXPORT)
    if request.method == "GET" and request.htmx:
        context = _listed(request, project)
        return screen(request, "exports/list.html", context, part="exports")
    form = ExportForm(project, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        export = exporting.request(
            project=project, actor=request.user, order=form.order
        )
        nudge(write_export, export.pk)
        return go_to(request, "export", project.slug)
    context = {**_listed(request, project), "form": form}
    status = 422 if form.errors else 200
    return screen(request, "exports/list.html", context, part="order", status=status)


def _listed(request: Request, project: Project) -> dict[str, Any]:
    found = project.exports.select_related("project", "asked_by").order_by("-pk")
    shown = list(found[:SHOWN])
    running = (Export.State.WAITING, Export.State.WRITING)
    return {
        "project": project,
        "table": tables.exports(request, project, shown),
        "is_running": any(export.state in running for export in shown),
    }


@login_required
@require_GET
def count(request: Request, slug: str) -> HttpResponse:
    """How many pairs the form would take up now."""
    project = fetch_project(request, slug, Deed.EXPORT)
    form = ExportForm(project, request.GET)
    context: dict[str, Any] = {"project": project, "form": form}
    if form.is_valid():
        context["pairs"] = exporting.count(
            project=project, actor=request.user, order=form.order
        )
    return screen(request, "exports/count.html", context)


def _fetch(request: Request, slug: str, pk: int) -> Export:
    project = fetch_project(request, slug, Deed.EXPORT)
    found = Export.objects.select_related("project")
    return get_object_or_404(found, pk=pk, project=project)


@login_required
@require_GET
def file(request: Request, slug: str, pk: int) -> HttpResponseBase:
    return downloads.exported(request, _fetch(request, slug, pk))


@login_required
@require_GET
def manifest(request: Request, slug: str, pk: int) -> HttpResponse:
    export = _fetch(request, slug, pk)
    response = JsonResponse(export.manifest, json_dumps_params={"indent": 1})
    name = f"{export.name}.manifest.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    """Write no further, and keep nothing."""
    exporting.cancel(export=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "export", slug)


@login_required
@require_POST
def retry(request: Request, slug: str, pk: int) -> HttpResponse:
    """Write it anew."""
    exporting.retry(export=_fetch(request, slug, pk), actor=request.user)
    nudge(write_export, pk)
    return go_to(request, "export", slug)
