"""Quality control's desk: a second person's yes or no."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.effort import Decision
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Project, Verdict
from annotator.selectors import queue
from annotator.services import quality, queueing
from annotator.web import labels
from annotator.web.http import Request, fetch_project, go_to, screen


@login_required
@require_GET
def desk(request: Request, slug: str) -> HttpResponse:
    return _next(request, fetch_project(request, slug, Deed.JUDGE))


def _next(request: Request, project: Project) -> HttpResponse:
    lease = queueing.claim(project=project, person=request.user, stage=Stage.QUALITY)
    if lease is None:
        why = queue.why_empty(project, request.user, Stage.QUALITY)
        context = {"project": project, "why": why}
        return screen(request, "quality/empty.html", context, part="work")
    judged = queue.judged(lease)
    context = {
        "project": project,
        "lease": lease,
        "pair": judged.pair,
        "review": judged.review,
        "decision": labels.DECISIONS[Decision(judged.review.decision)],
        "fields": judged.fields,
        "earlier": judged.earlier,
        "queue": queue.counts(project).reviewed,
        "reasons": Verdict.Reason.choices,
    }
    return screen(request, "quality/work.html", context, part="work")


@login_required
@require_POST
def judge(request: Request, slug: str, token: UUID) -> HttpResponse:
    project = fetch_project(request, slug, Deed.JUDGE)
    if request.POST.get("action") == "accept":
        quality.accept(token=token, person=request.user)
    else:
        quality.send_back(
            token=token,
            person=request.user,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
        )
    if request.htmx:
        return _next(request, project)
    return go_to(request, "quality", project.slug)


@login_required
@require_POST
def give_back(request: Request, slug: str, token: UUID) -> HttpResponse:
    project = fetch_project(request, slug, Deed.JUDGE)
    queueing.give_back(token=token, person=request.user, stage=Stage.QUALITY)
    return go_to(request, "project", project.slug)
