"""What a team gains with the coach, and the cells it is counted from."""

from __future__ import annotations

from dataclasses import astuple, fields

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotator.domain import gains as rule
from annotator.domain.comparing import MIN_PEOPLE
from annotator.domain.gain_cells import Cell
from annotator.domain.roles import Deed
from annotator.domain.states import Arm
from annotator.selectors import gain_report
from annotator.selectors import gains as cells_of
from annotator.web import csv_lines, gains, labels
from annotator.web.gain_form import GainForm
from annotator.web.http import Request, fetch_project, screen


@login_required
@require_GET
def gain(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    form = GainForm(project, request.GET)
    wanted = form.wanted()
    report = gain_report.report(project, wanted, form.machine())
    pairs_url = reverse("pairs", args=[slug])
    strata = gains.WEEKS if wanted.coach else gains.STRATA
    context = {
        "project": project,
        "form": form,
        "report": report,
        "headline": gains.headline(report.gain, project.idle_seconds),
        "lacking": gains.lacking(report.gain.lacking, report.gain),
        "arms": [
            {
                "label": labels.ARMS[arm],
                "side": getattr(report.gain, arm.value),
                "waiting": report.waiting[arm],
            }
            for arm in Arm
        ],
        "nets": [
            {"gain": found, "percent": gains.percent(found), "what": what}
            for what, found in (
                ("people", report.gain),
                ("quality", report.with_quality),
                ("machine", report.with_machine),
            )
            if found is not None
        ],
        "strata": strata[report.gain.level],
        "groups": [
            {
                "title": gains.GROUPS[name],
                "name": name,
                "rows": [gains.row(project, name, one, pairs_url) for one in found],
            }
            for name, found in report.groups.items()
            if found
        ],
        "drawn": gains.drawn(report.gain),
        "ticks": [(gains.place(tick), round(100 * tick - 100)) for tick in gains.TICKS],
        "width": gains.WIDTH,
        "query": request.GET.urlencode(),
        "least_pairs": rule.LEAST_PAIRS,
        "min_people": MIN_PEOPLE,
        "compared": report.gain.control.compared + report.gain.coached.compared,
        "counted": report.gain.control.pairs + report.gain.coached.pairs,
    }
    return screen(request, "stats/gain.html", context)


@login_required
@require_GET
def cells(request: Request, slug: str) -> StreamingHttpResponse:
    """The cells as CSV: with these anybody can count the figure again."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = cells_of.cells(project, GainForm(project, request.GET).wanted())
    names = cells_of.names(found)
    heads = ["username", "coach_name", *(each.name for each in fields(Cell))]
    rows = (
        (
            names.people[cell.person],
            names.coaches.get(cell.coach, "") if cell.coach else "",
            *astuple(cell),
        )
        for cell in found
    )
    return csv_lines.answer(f"{slug}-gain.csv", heads, rows)
