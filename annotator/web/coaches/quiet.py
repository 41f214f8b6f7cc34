"""When the coach keeps quiet: what each threshold shows, saves and costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.services import projects
from annotator.services.holding_back import SHOWN_ANYWAY
from annotator.web import csv_files
from annotator.web.coaches import quiet_tables
from annotator.web.http import Request, fetch_project, go_to, say, screen
from training.evaluation import quiet
from training.evaluation.helpfulness import FEWEST, Estimate
from training.models import CoachVersion
from training.selectors import help_estimate

HEADS = ("probability", "distance_raw", "distance_draft")


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page; htmx asks for the figures at the place of the slider."""
    project = fetch_project(request, slug, Deed.TRAIN)
    coach = _coach(project, pk)
    row = help_estimate(coach)
    context: dict[str, Any] = {
        "project": project,
        "coach": coach,
        "estimate": row,
        "fewest": FEWEST,
        "shown_anyway": round(100 * SHOWN_ANYWAY),
        "may_change": policies.can(request.user, project, Deed.CHANGE_SETTINGS),
    }
    if row:
        found = Estimate.from_dict(row.papers)
        at = _threshold(request.GET.get("at"), project.quiet_below)
        context |= {
            "found": found,
            "at": at,
            "figures": quiet_tables.figures(quiet.point(found.judged, at)),
            "curve": quiet_tables.curve(found, project.quiet_below),
            "bins": quiet_tables.bins(found),
        }
    part = "figures" if request.htmx.target == "quiet-figures" else ""
    return screen(request, "coaches/quiet.html", context, part=part)


@login_required
@require_POST
def use(request: Request, slug: str, pk: int) -> HttpResponse:
    """Make the slider's place the project's."""
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    coach = _coach(project, pk)
    at = _threshold(request.POST.get("at"), None)
    if at is None:
        raise Invalid(_("The threshold must be a number from 0 to 1."))
    project.quiet_below = at
    projects.change(project=project, actor=request.user, changed={"quiet_below"})
    said = _("From the next draft on, a draft is shown from %(at)s on.")
    say(request, said % {"at": f"{at:.2f}"})
    return go_to(request, "coach-quiet", project.slug, coach.pk)


@login_required
@require_GET
def rows(request: Request, slug: str, pk: int) -> StreamingHttpResponse:
    """The drafts that the figures are counted from, as CSV."""
    project = fetch_project(request, slug, Deed.TRAIN)
    coach = _coach(project, pk)
    name = f"{project.slug}-coach-{coach.number}-quiet.csv"
    return csv_files.answer(name, HEADS, _rows(coach))


def _rows(coach: CoachVersion) -> Iterator[tuple[Any, ...]]:
    if row := help_estimate(coach):
        for each in Estimate.from_dict(row.papers).judged:
            yield each.probability, each.distance_raw, each.distance_draft


def _coach(project: Project, pk: int) -> CoachVersion:
    return get_object_or_404(CoachVersion, pk=pk, scope=project.scope)


def _threshold(asked: str | None, otherwise: float | None) -> Any:
    """A number from 0 to 1, to hundredths; else `otherwise`."""
    try:
        found = float(asked or "")
    except ValueError:
        return otherwise
    return round(found, 2) if 0 <= found <= 1 else otherwise
