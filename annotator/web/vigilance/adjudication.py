"""A lead chooses between two texts of one pair, without knowing whose they are."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from annotator import policies
from annotator.domain.effort import Decision
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Pair, Project, Ruling
from annotator.selectors import adjudication
from annotator.selectors.adjudication import Disputed, DisputeSide
from annotator.selectors.undoable import Desk
from annotator.services import adjudicating
from annotator.web import deeds, labels
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.rubric import criterion
from annotator.web.vigilance import tables

LISTED = 200


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ADJUDICATE)
    waiting = adjudication.waiting(project)
    context = {
        "project": project,
        "table": tables.disputed(project, waiting[:LISTED]),
        "count": waiting.count(),
        **deeds.undo_context(request, project, Desk.ADJUDICATION),
    }
    return screen(request, "vigilance/disputed.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    if request.method == "GET" and not _may_choose(request, project):
        return go_to(request, "pair", slug, pk)
    policies.require(request.user, project, Deed.ADJUDICATE)
    pair = get_object_or_404(Pair.objects.select_related("project"), pk=pk,
                             project=project)  # fmt: skip
    if request.method == "GET":
        return _page(request, project, pair)
    try:
        _rule(request, pair)
    except Invalid as error:
        return _page(request, project, pair, error=str(error))
    told = _("Pair %(pk)s goes on to quality control.") % {"pk": pair.pk}
    deeds.tell(request, told)
    following = adjudication.waiting(project).first()
    if following:
        return go_to(request, "adjudicate", slug, following.pk)
    return go_to(request, "adjudication", slug)


def _may_choose(request: Request, project: Project) -> bool:
    """Who may not follows a link to the pair's own page, which all members read."""
    return policies.can(request.user, project, Deed.ADJUDICATE)


def _rule(request: Request, pair: Pair) -> None:
    found = adjudication.disputed(pair)
    choices = {"third": str(Ruling.Choice.THIRD)}
    if found:
        choices |= {"a": found.a.choice, "b": found.b.choice}
    form = TextForm(request.POST)
    adjudicating.rule(
        pair=pair,
        actor=request.user,
        choice=choices.get(request.POST.get("choice", ""), ""),
        reason=request.POST.get("reason", ""),
        note=deeds.note(request),
        text=form.text(),
        sent=form.sent(),
    )


def _page(
    request: Request, project: Project, pair: Pair, *, error: str = ""
) -> HttpResponse:
    found = adjudication.disputed(pair)
    if found is None:
        return go_to(request, "adjudication", project.slug)
    context = {
        "project": project,
        "pair": pair,
        "fields": _fields(request, found),
        "sides": [_side(side) for side in (found.a, found.b)],
        "similarity": 100 * found.overlap.similarity,
        "counted": found.counted,
        "reasons": Ruling.Reason.choices,
        "may_rule": policies.can_adjudicate(request.user, pair),
        "typed": request.POST,
        "error": error,
        **deeds.new(),
        **deeds.undo_context(request, project, Desk.ADJUDICATION),
    }
    status = 422 if error else 200
    return screen(request, "vigilance/adjudicate.html", context, status=status)


def _fields(request: Request, found: Disputed) -> list[dict[str, object]]:
    """A third text begins as A, or as what was typed before it was refused."""
    return [
        {"row": field, "third": request.POST.get(field.name, field.a)}
        for field in found.fields
    ]


def _side(side: DisputeSide) -> dict[str, object]:
    return {
        "letter": side.letter,
        "decision": labels.DECISIONS[Decision(side.review.decision)],
        "tags": [criterion(tag.criterion) for tag in side.review.tags.all()],
    }
