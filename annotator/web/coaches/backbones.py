"""Compare backbones: coaches of several base models on the same held-out pairs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.models import BackboneComparison
from annotator.selectors import backbones
from annotator.services import comparing_backbones
from annotator.tasks import compare_backbones, nudge
from annotator.web import read_only
from annotator.web.coaches import backbone_tables as tables
from annotator.web.coaches.backbone_forms import BackboneForm
from annotator.web.http import Request, fetch_project, go_to, say, screen

SHOWN = 20


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, read_only.fetch_deed(request, Deed.TRAIN))
    form = BackboneForm(project, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        comparison = form.begin(request.user)
        nudge(compare_backbones, comparison.pk)
        return go_to(request, "backbone", project.slug, comparison.pk)
    context = {
        "project": project,
        "form": form,
        "table": tables.comparisons(project, backbones.of_project(project)[:SHOWN]),
        **read_only.told(request, project, Deed.TRAIN),
    }
    status = 422 if form.errors else 200
    return screen(
        request, "coaches/backbones.html", context, part="begin", status=status
    )


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page; htmx asks every two seconds for its live part."""
    comparison = _fetch(request, slug, pk, Deed.SEE_SETUP)
    board = backbones.board(comparison)
    context: dict[str, Any] = {
        "project": comparison.project,
        "comparison": comparison,
        "sign": tables.SIGNS[BackboneComparison.State(comparison.state)],
        "is_running": comparison.state in comparing_backbones.RUNNING,
        "is_resumable": comparing_backbones.is_resumable(comparison),
        "waits_for": backbones.waits_for(comparison),
        "board": board,
        "cost": tables.cost(comparison.project, board),
        "quality": tables.quality(comparison.project, board),
        "problems": [each.row for each in board.backbones if each.row.problem],
    }
    return screen(request, "coaches/backbone.html", context, part="live")


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    comparison = _fetch(request, slug, pk, Deed.TRAIN)
    comparing_backbones.cancel(comparison=comparison, actor=request.user)
    say(request, _("Cancelled: what is measured stays here."))
    return go_to(request, "backbone", slug, pk)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    comparison = _fetch(request, slug, pk, Deed.TRAIN)
    comparing_backbones.resume(comparison=comparison, actor=request.user)
    nudge(compare_backbones, pk)
    return go_to(request, "backbone", slug, pk)


def _fetch(request: Request, slug: str, pk: int, deed: Deed) -> BackboneComparison:
    project = fetch_project(request, slug, deed)
    found = BackboneComparison.objects.select_related("project", "asked_by")
    return get_object_or_404(found, pk=pk, project=project)
