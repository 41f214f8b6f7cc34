"""What the command palette finds: pages of the person's projects, and pairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotator.models import Project
from annotator.selectors import entered
from annotator.web import navigation
from annotator.web.http import Request

MOST = 12
MOST_TYPED = 200
SHOWN_CHARS = 80
Found = dict[str, str]


@login_required
@require_GET
def find(request: Request) -> HttpResponse:
    """JSON: up to MOST places, each with a label, where it is and its address.

    Only what the person may open; a project that they are not in is not there.
    """
    typed = request.GET.get("q", "").replace("\0", "").strip()[:MOST_TYPED]
    projects = list(entered.of(request.user)[: entered.SWITCHABLE])
    projects.sort(key=lambda project: project.slug != request.GET.get("in"))
    here = projects[0] if projects else None
    places = [
        *_pages(request, projects if typed else projects[:1], typed),
        *_pairs(request, here, typed),
    ]
    return JsonResponse({"found": places})


def _pages(request: Request, projects: list[Project], typed: str) -> Iterator[Found]:
    """Those whose name, group and project have all that was typed, in any order."""
    wanted = typed.casefold().split()
    matching = (
        place
        for project in projects
        for place in _of_project(request, project)
        if all(
            word in f"{place['label']} {place['where']}".casefold() for word in wanted
        )
    )
    return islice(matching, MOST)


def _of_project(request: Request, project: Project) -> Iterator[Found]:
    for group, link in navigation.every_page(project, request.user):
        where = f"{project.name} · {group.label}"
        yield {"label": str(link.label), "where": where, "url": link.url}


def _pairs(request: Request, here: Project | None, typed: str) -> Iterator[Found]:
    for pair in entered.pairs(request.user, here, typed):
        number = _("Pair %(pk)d") % {"pk": pair.pk}
        text = Truncator(" ".join(pair.instruction.split())).chars(SHOWN_CHARS)
        yield {
            "label": f"{number}: {text}",
            "where": pair.project.name,
            "url": reverse("pair", args=[pair.project.slug, pair.pk]),
        }
