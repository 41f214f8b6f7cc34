"""Try a coach: hear up to three on the same pairs, before one is promoted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.models import Audition, Project
from annotator.selectors import auditions
from annotator.services import auditioning
from annotator.tasks import audition_next, nudge
from annotator.web.coaches import audition_tables as tables
from annotator.web.coaches.audition_forms import DRAW, PAIR, AuditionForm
from annotator.web.http import Request, fetch_project, go_to, say, screen
from training import selectors

SHOWN = 20


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.PROMOTE)
    sent = request.method == "POST"
    form = AuditionForm(
        project, request.POST if sent else None, _initial(request, project)
    )
    if sent and form.is_valid():
        audition = form.begin(request.user)
        nudge(audition_next, audition.pk)
        return go_to(request, "audition", project.slug, audition.pk)
    found = auditions.of_project(project)[:SHOWN]
    context = {
        "project": project,
        "form": form,
        "has_coaches": bool(form.fields["coaches"].queryset),  # type: ignore[attr-defined]
        "table": tables.auditions(project, found),
    }
    status = 422 if form.errors else 200
    return screen(
        request, "coaches/auditions.html", context, part="begin", status=status
    )


def _initial(request: Request, project: Project) -> dict[str, Any]:
    """The coach and the pair that the address names; else the active one beside the
    newest, on a draw."""
    asked = [int(pk) for pk in request.GET.getlist("coach") if pk.isdecimal()]
    active = selectors.active_coach(project.scope)
    newest = selectors.coaches(project.scope).filter(is_elsewhere=False).first()
    chosen = {each.pk for each in (active, None if asked else newest) if each}
    pair = request.GET.get("pair", "")
    return {
        "coaches": [*asked, *chosen],
        "what": PAIR if pair.isdecimal() else DRAW,
        "number": pair if pair.isdecimal() else None,
    }


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page; htmx asks every two seconds for its live part."""
    audition = _audition(request, slug, pk)
    board = auditions.board(audition)
    context = {
        "project": audition.project,
        "audition": audition,
        "subject": tables.subject(audition),
        "sign": tables.SIGNS[Audition.State(audition.state)],
        "is_running": audition.state == Audition.State.RUNNING,
        "board": board,
        "coaches": tables.coaches(audition.project, board),
        "pairs": tables.pairs(board),
    }
    return screen(request, "coaches/audition.html", context, part="live")


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    audition = _audition(request, slug, pk)
    auditioning.cancel(audition=audition, actor=request.user)
    say(request, _("Cancelled: what had come stays here."))
    return go_to(request, "audition", slug, pk)


def _audition(request: Request, slug: str, pk: int) -> Audition:
    project = fetch_project(request, slug, Deed.PROMOTE)
    found = Audition.objects.select_related("project", "created_by")
    return get_object_or_404(found, pk=pk, project=project)
