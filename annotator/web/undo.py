"""One door to take back what was just done, from any desk."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from annotator.models import Project
from annotator.selectors.undoable import Desk
from annotator.services import undoing
from annotator.services.undoing import Undone
from annotator.web import deeds
from annotator.web.http import Request, fetch_project, go_to
from annotator.web.quality.views import show
from annotator.web.review.views import next_pair


@login_required
@require_POST
def undo(request: Request, slug: str, deed: UUID) -> HttpResponse:
    project = fetch_project(request, slug)
    undone = undoing.undo(project=project, deed=deed, person=request.user)
    return deeds.done(request, _goes_on(request, project, undone))


def _goes_on(request: Request, project: Project, undone: Undone) -> HttpResponse:
    """Where the deed was done, with the pair in hand again."""
    from_desk = request.POST.get("at") == undone.desk
    match undone.desk:
        case Desk.BULK:
            return go_to(request, "quality-bulk", project.slug)
        case Desk.ADJUDICATION:
            return go_to(request, "adjudicate", project.slug, undone.pair.pk)
        case Desk.QUALITY if undone.verdict and (from_desk or _says(undone)):
            verdict = undone.verdict
            said = QueryDict(mutable=True)
            said.setlist("reason", list(verdict.reasons))
            said["note"] = verdict.note
            return show(request, project, verdict.lease, sent=said)
        case Desk.REVIEW if from_desk and request.htmx:
            return next_pair(request, project)
    return go_to(request, str(undone.desk), project.slug)


def _says(undone: Undone) -> bool:
    """Whether there are words that only this answer can bring back."""
    return bool(undone.verdict and (undone.verdict.note or undone.verdict.reasons))
