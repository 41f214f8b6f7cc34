"""Comments as threads: one part that the pair's page and both desks show."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.roles import Deed
from annotator.models import Comment, Pair
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import threads
from annotator.services import commenting, telling
from annotator.services.commenting import Place
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.pairs.fetching import fetch_pair


def context(request: Request, pair: Pair) -> dict[str, Any]:
    """What components/threads.html asks for."""
    return {
        "pair": pair,
        "threads": threads.of_pair(pair, request.user),
        "names": threads.names(pair),
        "field_labels": FIELD_LABELS,
        "new_deed": uuid4(),
        "may_comment": policies.can(request.user, pair.project.home, Deed.ANNOTATE),
    }


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = fetch_pair(project, pk, request.user)
    telling.heard(request.user, pair.pk)
    return _answer(request, slug, pair)


@login_required
@require_POST
def comment(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = fetch_pair(project, pk, request.user)
    sent = request.POST
    to = sent.get("to", "")
    of_pair = Comment.objects.filter(pair=pair).select_related("parent", "pair")
    commenting.comment(
        pair=pair,
        author=request.user,
        body=sent.get("body", ""),
        to=get_object_or_404(of_pair, pk=to) if to.isdecimal() else None,
        place=Place(field=sent.get("field", ""), quote=sent.get("quote", "")),
        deed=_deed(sent.get("deed", "")),
    )
    return _answer(request, slug, pair)


@login_required
@require_POST
def resolve(request: Request, slug: str, pk: int, comment: int) -> HttpResponse:
    project = fetch_project(request, slug)
    pair = fetch_pair(project, pk, request.user)
    found = get_object_or_404(Comment.objects.filter(pair=pair), pk=comment)
    found.pair = pair
    commenting.resolve(
        comment=found,
        person=request.user,
        is_resolved=request.POST.get("action") != "reopen",
    )
    return _answer(request, slug, pair)


def _deed(sent: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(sent)
    return None


def _answer(request: Request, slug: str, pair: Pair) -> HttpResponse:
    """The part for a drawer; without htmx the page of the pair."""
    if not request.htmx:
        return go_to(request, "pair", slug, pair.pk)
    given = {"project": fetch_project(request, slug), **context(request, pair)}
    return screen(request, "components/threads.html", given, part="threads")
