"""Finding pairs, and one pair with its whole history."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState
from annotator.models import Pair, Project
from annotator.selectors import history, mentions, pairs
from annotator.services import commenting, parking
from annotator.web import labels
from annotator.web.filters import PairFilterForm, in_words
from annotator.web.http import Request, fetch_project, go_to, screen


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug)
    form = PairFilterForm(project, request.GET)
    knows = policies.may_know_coaches(request.user, project)
    # A disabled field keeps its initial value, whatever the address says.
    form.fields["coach"].disabled = form.fields["by_coach"].disabled = not knows
    wanted = form.wanted()
    page = pairs.search(project, wanted, form.after())
    rest = request.GET.copy()
    rest["after"] = str(page.after)
    context = {
        "project": project,
        "form": form,
        "rows": [
            {
                "pair": pair,
                "state": labels.STATES[PairState(pair.state)],
                "review": standing[-1] if standing else None,
            }
            for pair, standing in page.rows
        ],
        "filters": in_words(form),
        "knows_coaches": knows,
        "next": rest.urlencode() if page.after else "",
        "mentions": mentions.unseen(request.user, project)[:20],
    }
    return screen(request, "pairs/list.html", context)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = _pair(project, pk)
    commenting.mark_seen(pair=pair, person=request.user)
    knows = policies.may_know_coaches(request.user, project)
    context = {
        "project": project,
        "pair": pair,
        "state": labels.STATES[PairState(pair.state)],
        "excluded_for": _excluded_for(pair),
        "entries": labels.entries(history.timeline(pair), blind=not knows),
        "exclusion_reasons": labels.CHOSEN_EXCLUSIONS.items(),
        "people": pairs.people(project),
    }
    return screen(request, "pairs/show.html", context)


def _excluded_for(pair: Pair) -> object:
    """The reason in people's words; empty for a pair that goes its way."""
    if pair.state != PairState.EXCLUDED:
        return ""
    return labels.EXCLUSIONS[ExclusionReason(pair.exclusion_reason)]


def _pair(project: Project, pk: int) -> Pair:
    found = Pair.objects.select_related("batch", "project", "draft")
    return get_object_or_404(found, pk=pk, project=project)


@login_required
@require_POST
def comment(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = _pair(project, pk)
    body = request.POST.get("body", "")
    commenting.comment(pair=pair, author=request.user, body=body)
    return go_to(request, "pair", slug, pk)


@login_required
@require_POST
def unpark(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    parking.decide(
        pair=_pair(project, pk),
        actor=request.user,
        action=request.POST.get("action", ""),
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", "").replace("\0", ""),
    )
    return go_to(request, "pair", slug, pk)
