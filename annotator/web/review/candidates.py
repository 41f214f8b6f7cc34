"""Asking the coach again, and watching it write."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from annotator.domain.states import Stage
from annotator.selectors import review_desk
from annotator.services import candidates
from annotator.tasks import ask_for_candidate, nudge
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_hold, go_to, screen
from annotator.web.review import candidate_words


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
        "drafts": candidate_words.tabs(review_desk.drafts(lease), lease),
    }
    return screen(request, "review/candidates.html", context, part="candidates")


@login_required
@require_POST
def show_held_back(request: Request, slug: str, token: UUID) -> HttpResponse:
    """The draft that the coach held back, as a tab."""
    project, lease = fetch_hold(request, slug, token, Stage.REVIEW)
    candidates.show_held_back(token=token, person=request.user)
    if not request.htmx:
        return go_to(request, "review", slug)
    context = {
        "project": project,
        "lease": lease,
        "drafts": candidate_words.tabs(review_desk.drafts(lease), lease),
        "focus": True,
    }
    return screen(request, "review/candidates.html", context, part="candidates")


@login_required
@require_POST
def choose(request: Request, slug: str, token: UUID) -> HttpResponse:
    """Without scripts: another draft stands in the editor."""
    fetch_hold(request, slug, token, Stage.REVIEW)
    form = TextForm(request.POST)
    form.is_valid()
    draft = form.cleaned_data.get("draft") or 0
    candidates.choose(token=token, person=request.user, draft_id=draft)
    return go_to(request, "review", slug)
