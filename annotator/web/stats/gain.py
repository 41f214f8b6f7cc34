"""What a team gains with the coach, and the cells it is counted from."""

from __future__ import annotations

from dataclasses import astuple, fields

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotator.domain.challenge.figures import MIN_PEOPLE
from annotator.domain.gain import estimate
from annotator.domain.gain.cells import GainCell
from annotator.domain.roles import Deed
from annotator.selectors import dataset_reports, own_verdicts
from annotator.selectors.gain import counting
from annotator.selectors.gain.report import report
from annotator.web import csv_files
from annotator.web.http import Request, fetch_project, screen
from annotator.web.stats import gain_tables, gain_words
from annotator.web.stats.gain_form import GainForm


@login_required
@require_GET
def gain(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    form = GainForm(project, request.GET)
    wanted = form.wanted()
    whole = report(project, wanted, form.machine())
    pairs_url = reverse("pairs", args=[slug])
    strata = gain_words.WEEKS if wanted.coach else gain_words.STRATA
    ticks = [(gain_words.place(n), round(100 * n - 100)) for n in gain_words.TICKS]
    context = {
        "project": project,
        "own_verdicts": own_verdicts.of_project(project),
        "form": form,
        "report": whole,
        "headline": gain_words.headline(whole.gain, project.idle_seconds),
        "lacking": gain_words.lacking(whole.gain.lacking, whole.gain),
        "arms": gain_tables.arms(whole),
        "nets": gain_tables.nets(whole),
        "strata": strata[whole.gain.level],
        "groups": [
            {
                "title": gain_words.GROUPS[name],
                "name": name,
                "table": gain_tables.parts(
                    str(gain_words.GROUPS[name]),
                    [gain_words.row(project, name, one, pairs_url) for one in found],
                    ticks,
                ),
            }
            for name, found in whole.groups.items()
            if found
        ],
        "drawn": gain_words.drawn(whole.gain),
        "ticks": ticks,
        "width": gain_words.WIDTH,
        "query": request.GET.urlencode(),
        "dataset_report": dataset_reports.newest_made(project, wanted.coach),
        "coach": wanted.coach,
        "least_pairs": estimate.LEAST_PAIRS,
        "min_people": MIN_PEOPLE,
        "compared": whole.gain.control.compared + whole.gain.coached.compared,
        "counted": whole.gain.control.pairs + whole.gain.coached.pairs,
    }
    return screen(request, "stats/gain.html", context)


@login_required
@require_GET
def cells(request: Request, slug: str) -> StreamingHttpResponse:
    """The cells as CSV: with these anybody can count the figure again."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = counting.cells(project, GainForm(project, request.GET).wanted())
    names = counting.names(found)
    heads = ["username", "coach_name", *(each.name for each in fields(GainCell))]
    rows = (
        (
            names.people[cell.person],
            names.coaches.get(cell.coach, "") if cell.coach else "",
            *astuple(cell),
        )
        for cell in found
    )
    return csv_files.answer(f"{slug}-gain.csv", heads, rows)
