"""Weekly reports: the list of weeks, one week as a page, as PDF, and its rows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from annotator import policies
from annotator.domain.roles import Deed
from annotator.domain.weeks import Week
from annotator.formats.paper import Paper
from annotator.models import Project
from annotator.selectors.reports import csv_rows, parts, weekly
from annotator.selectors.reports.weekly import WeekReport
from annotator.web import bars, csv_files, papers
from annotator.web.http import Request, fetch_project, screen
from annotator.web.reports import paper, week_table


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = weekly.weeks(project, _asked(request))
    context = {
        "project": project,
        "table": week_table.weeks(project, found.weeks, weekly.this_week()),
        "earlier": found.earlier,
        "zone": str(parts.zone()),
    }
    return screen(request, "reports/list.html", context)


def _asked(request: Request) -> Week | None:
    """The newest week of the page; anything else than a week asks for none."""
    try:
        return Week.parse(request.GET.get("until", ""))
    except ValueError:
        return None


@login_required
@require_GET
def show(request: Request, slug: str, week: Week) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    report = _report(project, week)
    printed = _paper(request, project, report)
    context = {
        "project": project,
        "report": report,
        "paper": printed,
        "sections": bars.with_pictures(printed.sections),
        "next_week": None if report.is_current else week.after,
    }
    return screen(request, "reports/show.html", context)


def _report(project: Project, week: Week) -> WeekReport:
    if week > weekly.this_week():
        raise Http404
    return weekly.report(project, week)


def _paper(request: Request, project: Project, report: WeekReport) -> Paper:
    opens = policies.can(request.user, project, Deed.SEE_SETUP)
    return paper.paper(project, report, opens_coaches=opens)


@login_required
@require_GET
def as_pdf(request: Request, slug: str, week: Week) -> HttpResponse:
    """The same as PDF."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    report = _report(project, week)
    return papers.as_pdf(
        request,
        lambda: _paper(request, project, report),
        made_at=report.made_at,
        name=f"{project.slug}-{week}",
    )


@login_required
@require_GET
def rows(request: Request, slug: str, week: Week) -> StreamingHttpResponse:
    """The rows that the figures are counted from: `of` reviews, verdicts or events."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    of = request.GET.get("of", "reviews")
    if of not in csv_rows.KINDS:
        raise Http404
    heads, found = csv_rows.rows(project, week, of)
    return csv_files.answer(f"{project.slug}-{week}-{of}.csv", heads, found)
