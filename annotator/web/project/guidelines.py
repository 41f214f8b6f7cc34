"""The project's guidelines: read by all, written by leads, each version kept."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.roles import Deed
from annotator.selectors import guidelines
from annotator.services import guiding
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.markdown import render


@login_required
@require_GET
def show(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug)
    versions = project.guidelines.select_related("author").order_by("-version")
    asked = request.GET.get("version", "")
    current = chosen = guidelines.current(project)
    if asked.isdecimal():
        chosen = get_object_or_404(versions, version=int(asked[:9]))
    context = {
        "project": project,
        "versions": versions,
        "chosen": chosen,
        "is_current": chosen == current,
        "html": render(chosen.body) if chosen else "",
    }
    return screen(request, "project/guidelines.html", context)


@login_required
@require_POST
def write(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    body = request.POST.get("body", "")
    guiding.write(project=project, author=request.user, body=body)
    return go_to(request, "guidelines", slug)
