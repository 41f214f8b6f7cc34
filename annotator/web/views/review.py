"""The annotator's desk: one pair at a time, the next one follows at once."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.errors import Invalid, LeaseLost
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Lease, Project
from annotator.selectors import queue
from annotator.services import queueing, reviewing, timing
from annotator.web import labels
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_project, go_to, screen
from revision_engine.postprocess import Problem
from revision_engine.types import PairText


@login_required
@require_GET
def desk(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    return _next(request, project)


def _next(request: Request, project: Project) -> HttpResponse:
    lease = queueing.claim(project=project, person=request.user, stage=Stage.REVIEW)
    if lease is None:
        why = queue.why_empty(project, request.user, Stage.REVIEW)
        context = {"project": project, "why": why}
        return screen(request, "review/empty.html", context, part="work")
    return _show(request, project, lease)


def _show(
    request: Request,
    project: Project,
    lease: Lease,
    *,
    typed: PairText | None = None,
    error: str = "",
) -> HttpResponse:
    work, counts = queue.work(lease, typed), queue.counts(project)
    problem = lease.draft.problem if lease.draft else ""
    context = {
        "project": project,
        "pair": work.pair,
        "lease": lease,
        "draft": lease.draft,
        "draft_problem": labels.PROBLEMS[Problem(problem)] if problem else "",
        "fields": work.fields,
        "progress": counts,
        "queue": counts.ready,
        "client_token": uuid4(),
        "base_revision": work.autosave.revision if work.autosave else 0,
        "saved_at": work.autosave.saved_at if work.autosave else None,
        "returned": work.returned,
        "exclusion_reasons": labels.EXCLUSIONS.items(),
        "error": error,
    }
    status = 422 if error else 200
    return screen(request, "review/work.html", context, part="work", status=status)


@login_required
@require_POST
def submit(request: Request, slug: str, token: UUID) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    lease = get_object_or_404(Lease, token=token, holder=request.user)
    form = TextForm(request.POST)
    form.is_valid()
    text = _chosen(lease, request.POST.get("action", "save"), form.text())
    try:
        reviewing.submit(
            token=token,
            person=request.user,
            text=text,
            client_token=form.token(),
        )
    except LeaseLost as error:
        context = {
            "project": project,
            "pair": lease.pair,
            "message": str(error),
            "fields": [
                {"name": name, "label": label, "value": getattr(text, name)}
                for name, label in labels.FIELDS.items()
            ],
        }
        return screen(request, "review/late.html", context, part="work", status=409)
    except Invalid as error:
        return _show(request, project, lease, typed=text, error=str(error))
    return _after(request, project)


def _chosen(lease: Lease, action: str, typed: PairText) -> PairText:
    """The text that the pressed button stands for, from the server's own copy."""
    if action == "accept" and lease.draft:
        return lease.draft.text
    if action == "keep":
        return lease.pair.text
    return typed


def _after(request: Request, project: Project) -> HttpResponse:
    if request.htmx:
        return _next(request, project)
    return go_to(request, "review", project.slug)


@login_required
@require_POST
def autosave(request: Request, slug: str, token: UUID) -> HttpResponse:
    fetch_project(request, slug, Deed.ANNOTATE)
    form = TextForm(request.POST)
    form.is_valid()
    kept = reviewing.keep_text(token=token, person=request.user, text=form.text())
    if kept is None:
        raise LeaseLost("This pair was never yours, so there is nothing to save to.")
    return JsonResponse(
        {"revision": kept.revision, "saved_at": kept.saved_at.isoformat()}
    )


@login_required
@require_POST
def exclude(request: Request, slug: str, token: UUID) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    reviewing.exclude(
        token=token,
        person=request.user,
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
    )
    return _after(request, project)


@login_required
@require_POST
def give_back(request: Request, slug: str, token: UUID) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    queueing.give_back(token=token, person=request.user, stage=Stage.REVIEW)
    return go_to(request, "project", project.slug)


@login_required
@require_POST
def tick(request: Request, slug: str, token: UUID) -> HttpResponse:
    fetch_project(request, slug)
    lease = get_object_or_404(Lease, token=token, holder=request.user)
    lease = timing.record_tick(
        token=token,
        person=request.user,
        stage=Stage(lease.stage),
        active=request.POST.get("active") == "true",
    )
    return JsonResponse({"lease_until": lease.expires_at.isoformat()})
