"""Asking the coach again, and watching it write."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from annotator.domain.states import Stage
from annotator.selectors import review_desk
from annotator.services import candidates
from annotator.tasks import ask_for_candidate, nudge
from annotator.web.http import Request, fetch_hold, go_to, screen
from annotator.web.review import candidate_words
from annotator.web.review.views import show


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str, token: UUID) -> HttpResponse:
    """GET: the candidates as they stand. POST a hint: ask for one more."""
    project, lease = fetch_hold(request, slug, token, Stage.REVIEW)
    if request.method == "POST":
        hint = request.POST.get("hint", "")
        asked = candidates.ask(token=token, person=request.user, hint=hint)
        nudge(ask_for_candidate, asked.pk)
        if not request.htmx:
            return go_to(request, "review", slug)
    candidates.fail_silent(lease)
    context = {
        "project": project,
        "lease": lease,
        "candidates": candidate_words.candidates(review_desk.candidates(lease)),
    }
    return screen(request, "review/candidates.html", context, part="candidates")


@login_required
@require_POST
def choose(request: Request, slug: str, token: UUID, pk: int) -> HttpResponse:
    project, held = fetch_hold(request, slug, token, Stage.REVIEW)
    candidate = get_object_or_404(held.candidates.select_related("draft"), pk=pk)
    lease = candidates.choose(token=token, person=request.user, candidate=candidate)
    if request.htmx:
        return show(request, project, lease)
    return go_to(request, "review", slug)
