"""Drift: generations of the coach on the same pairs, alarms and what people say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import drift
from annotator.services import drifting
from annotator.web import csv_files
from annotator.web.coaches import drift_tables, drift_words
from annotator.web.http import Request, fetch_project, go_to, say, screen
from training.models import CoachVersion


@login_required
@require_GET
def show(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = drift.drift(project)
    told = drift_words.board(found)
    context = {"project": project, **told, **_tables(request, project, found, told)}
    return screen(request, "coaches/drift.html", context)


def _tables(
    request: Request, project: Project, found: drift.Drift, told: dict[str, Any]
) -> dict[str, object]:
    measured = [each for each in found.generations if each.is_measured]
    return {
        "measured": len(measured),
        "numbers": drift_tables.numbers(measured, told["panels"]),
        "generations": drift_tables.generations(request, project, found),
        "lines": drift_tables.lines(told["lines"], told["active"]),
        "earlier_lines": drift_tables.lines(told["earlier_lines"], told["active"]),
        "live": drift_tables.live(project, found.live),
    }


@login_required
@require_GET
def rows(request: Request, slug: str) -> StreamingHttpResponse:
    """Every draft that the figures are counted from, as CSV."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    return csv_files.answer(f"{project.slug}-drift.csv", HEADS, _rows(project))


HEADS = (
    *("coach", "pair", "source", "evaluation", "distance_raw", "distance_draft"),
    *("problem", "parseable", "loop", "draft"),
)


def _rows(project: Project) -> Iterator[tuple[Any, ...]]:
    for coach, each in drift.rows(project):
        yield (
            *(coach.name, each.key, each.source_id, each.evaluation),
            *(each.distance_raw, each.distance_draft, each.problem),
            *(each.parseable, each.loop, each.draft.response),
        )


@login_required
@require_POST
def acknowledge(request: Request, slug: str) -> HttpResponse:
    """Acknowledge the alarms that were ticked, all with one note."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    chosen = [_number(pk) for pk in request.POST.getlist("alarm")]
    note = request.POST.get("note", "").replace("\0", "")
    drifting.acknowledge(project=project, alarms=chosen, actor=request.user, note=note)
    say(request, _("The alarms are off; your note stays with them."))
    return go_to(request, "drift", project.slug)


def _number(asked: str) -> int:
    """A primary key as it was sent; 0, which none has, for anything else."""
    return int(asked) if asked.isdecimal() and len(asked) < 18 else 0


@login_required
@require_POST
def choose(request: Request, slug: str) -> HttpResponse:
    """Hold all generations against another one; measured at the next check."""
    project = fetch_project(request, slug, Deed.PROMOTE)
    pk = _number(request.POST.get("coach", ""))
    coach = get_object_or_404(CoachVersion, pk=pk, scope=project.scope)
    drifting.choose_reference(project=project, coach=coach, actor=request.user)
    said = _("From the next check on, within a minute or two, %(coach)s is it.")
    say(request, said % {"coach": coach})
    return go_to(request, "drift", project.slug)
