"""The dashboard: how far the project is, what the work takes, what comes of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import own_verdicts
from annotator.services.tallies import folding
from annotator.web import csv_files
from annotator.web.http import Request, fetch_project, screen
from annotator.web.stats import charts, head, tables
from annotator.web.stats.board import Board
from annotator.web.stats.every_table import every_table
from annotator.web.stats.filters import StatsForm
from annotator.web.tables import as_csv


@login_required
@require_GET
def stats(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    form = StatsForm(project, request.GET)
    board = _board(project, form)
    context = {
        "project": project,
        "own_verdicts": own_verdicts.of_project(project),
        "form": form,
        "asked": form.asked(),
        "query": form.address(),
        "found": board.found,
        "cards": head.cards(board),
        "funnel": head.funnel(board),
        "standing": head.now(board),
        "forecast": board.found.forecast and head.told(board.found.forecast),
        "plots": {
            "throughput": charts.throughput(board),
            "acceptance": charts.acceptance_over_time(board),
            "time": charts.time_over_time(board),
        },
        "tables": {
            "acceptance": tables.acceptance(board),
            "fields": tables.fields(board),
            "times": tables.times(board),
            "returns": tables.returns(board),
        },
        "wide": [tables.flaws(board), tables.coaches(board), tables.people(board)],
    }
    # Back in the browser: htmx asks for the page, and must get all of it.
    part = "" if request.htmx.history_restore_request else "board"
    return screen(request, "stats/show.html", context, part=part)


@login_required
@require_GET
def table_csv(request: Request, slug: str, key: str) -> StreamingHttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = every_table(_board(project, StatsForm(project, request.GET)))
    if key not in found:
        raise Http404
    return csv_files.answer(f"{slug}-{key}.csv", *as_csv(found[key]))


def _board(project: Project, form: StatsForm) -> Board:
    """The figures of this moment, as far as counting them is quick."""
    folding.fold_if_quick(project)
    return Board.of(project, form.filters(), form.address())
