"""Asking for the page of the next pair, and giving it back unused."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from annotator.domain.roles import Deed
from annotator.services import prefetching
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_project
from annotator.web.review.page import show


@login_required
@require_POST
def reserve(request: Request, slug: str) -> HttpResponse:
    """The page of the pair that comes next, kept for the person; 204: none is."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    tab = _tab(request)
    kept = tab and prefetching.reserve(project=project, person=request.user, tab=tab)
    return show(request, project, kept) if kept else HttpResponse(status=204)


@login_required
@require_POST
def give_back(request: Request, slug: str, kept: UUID) -> HttpResponse:
    fetch_project(request, slug)
    if tab := _tab(request):
        prefetching.give_back(token=kept, person=request.user, tab=tab)
    return HttpResponse(status=204)


def _tab(request: Request) -> UUID | None:
    form = TextForm(request.POST)
    form.is_valid()
    return form.cleaned_data.get("tab")
