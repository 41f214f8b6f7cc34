"""Rewrites of whole datasets: start, watch, hold, export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.formats import json_pairs, jsonl_pairs
from annotator.models import Rewrite
from annotator.selectors import rewrites
from annotator.services import rewriting
from annotator.tasks import nudge, rewrite_next
from annotator.web import numbers
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.rewrites import tables, words
from annotator.web.rewrites.forms import RewriteForm


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.REVISE)
    sent = request.method == "POST"
    given = (request.POST, request.FILES) if sent else (None, None)
    form = RewriteForm(project, *given)
    if sent and form.is_valid():
        name, rows = form.dataset()
        rewrite = rewriting.start(
            project=project,
            actor=request.user,
            coach=rewriting.coach_for(project, form.coach()),
            name=name,
            rows=rows,
            leave_out_bad=form.cleaned_data["leave_out_bad"],
        )
        nudge(rewrite_next, rewrite.pk)
        return go_to(request, "rewrite", project.slug, rewrite.pk)
    table = tables.rewrites(project, rewrites.of_project(project))
    context = {"project": project, "form": form, "table": table}
    status = 422 if form.errors else 200
    template = "rewrites/list.html"
    return screen(request, template, context, part="start", status=status)


def _fetch(request: Request, slug: str, pk: int) -> Rewrite:
    project = fetch_project(request, slug, Deed.REVISE)
    found = Rewrite.objects.select_related("project", "coach", "created_by")
    return get_object_or_404(found, pk=pk, project=project)


def _shown(rewrite: Rewrite) -> dict[str, Any]:
    progress = rewrites.progress(rewrite)
    return {
        "project": rewrite.project,
        "rewrite": rewrite,
        "sign": words.REWRITE_SIGNS[rewrite.state],
        "progress": progress,
        "time_left": numbers.minutes(progress.seconds_left),
        "is_running": rewrite.state == Rewrite.State.RUNNING,
        "is_paused": rewrite.state == Rewrite.State.PAUSED,
        "sources": [
            {"label": words.SOURCES[name], "count": count}
            for name, count in progress.sources.items()
        ],
        "problems": [
            {"label": words.why_raw(name), "count": count}
            for name, count in progress.problems.items()
        ],
    }


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page; htmx asks every two seconds for its live part."""
    context = _shown(_fetch(request, slug, pk))
    return screen(request, "rewrites/show.html", context, part="live")


def _step(
    request: Request, slug: str, pk: int, step: Callable[..., Rewrite]
) -> HttpResponse:
    step(rewrite=_fetch(request, slug, pk), actor=request.user)
    nudge(rewrite_next, pk)
    return go_to(request, "rewrite", slug, pk)


@login_required
@require_POST
def pause(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, rewriting.pause)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, rewriting.resume)


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, rewriting.cancel)


@login_required
@require_GET
def export(request: Request, slug: str, pk: int) -> HttpResponseBase:
    """What is done so far; the file's name says if that is not all."""
    rewrite = _fetch(request, slug, pk)
    rows = rewriting.export_rows(rewrite=rewrite, actor=request.user)
    is_json = request.GET.get("as") == "json"
    ending = "json" if is_json else "jsonl"
    lines = (json_pairs if is_json else jsonl_pairs).write(rows)
    left = rewrites.progress(rewrite).left
    part = f".{left}-rows-missing" if left else ""
    name = f"{slug}-rewrite-{pk}-{slugify(rewrite.name)[:60]}{part}.{ending}"
    response = StreamingHttpResponse(lines, content_type=f"application/{ending}")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
