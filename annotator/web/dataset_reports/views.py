"""Dataset reports: ask for one, watch it, read it, fetch it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.models import DatasetReport, Project
from annotator.selectors import blind_ratings, blind_results, dataset_reports
from annotator.services import dataset_reporting
from annotator.tasks import make_dataset_report, nudge
from annotator.web import bars, papers
from annotator.web.dataset_reports import paper, samples, tables
from annotator.web.dataset_reports.forms import ReportForm
from annotator.web.dataset_reports.words import SIGNS
from annotator.web.http import Request, fetch_project, go_to, screen
from training.selectors import coaches

State = DatasetReport.State


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its list while a report is made."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    if request.method == "GET" and request.htmx:
        context = _listed(request, project)
        return screen(request, "dataset_reports/list.html", context, part="reports")
    form = (
        ReportForm(project, request.POST, request.FILES)
        if request.method == "POST"
        else ReportForm(project, coach=request.GET.get("coach", ""))
    )
    if request.method == "POST" and form.is_valid():
        report = dataset_reporting.request(
            project=project, actor=request.user, order=form.order, **form.brought()
        )
        nudge(make_dataset_report, report.pk)
        return go_to(request, "dataset-report", project.slug, report.pk)
    context = {**_listed(request, project), "form": form}
    status = 422 if form.errors else 200
    return screen(
        request, "dataset_reports/list.html", context, part="order", status=status
    )


@login_required
@require_GET
def of_coach(request: Request, slug: str, pk: int) -> HttpResponse:
    """What a coach's drafts did to the dataset: the newest report on it, else the form
    that asks for one."""
    project = fetch_project(request, slug, Deed.SEE_STATS)
    coach = get_object_or_404(coaches(project.scope), pk=pk)
    if report := dataset_reports.newest_made(project, coach.pk):
        return go_to(request, "dataset-report", slug, report.pk)
    return redirect(f"{reverse('dataset-reports', args=[slug])}?coach={coach.pk}#order")


def _listed(request: Request, project: Project) -> dict[str, Any]:
    found = dataset_reports.of_project(project)
    return {
        "project": project,
        "table": tables.reports(request, project, found),
        "is_running": any(each.state in dataset_reporting.RUNNING for each in found),
    }


def _fetch(request: Request, slug: str, pk: int) -> DatasetReport:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = DatasetReport.objects.select_related("project", "asked_by")
    found = found.defer("for_raters")
    return get_object_or_404(found, pk=pk, project=project)


def _fetch_made(request: Request, slug: str, pk: int) -> DatasetReport:
    report = _fetch(request, slug, pk)
    if report.state != State.DONE:
        raise Http404
    return report


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The report, or how far it is; htmx asks while it is made."""
    report = _fetch(request, slug, pk)
    context: dict[str, Any] = {
        "project": report.project,
        "report": report,
        "sign": SIGNS[report.state],
        "progress": tables.progress(report),
        "is_running": report.state in dataset_reporting.RUNNING,
    }
    if report.state == State.DONE:
        printed = paper.paper(report, _people(report))
        context |= {
            "paper": printed,
            "sections": bars.with_pictures(printed.sections),
            "groups": samples.groups(report.document),
        }
    # Once it is made, the whole page is new.
    if request.htmx and not context["is_running"]:
        return go_to(request, "dataset-report", slug, pk)
    return screen(request, "dataset_reports/show.html", context, part="live")


def _people(report: DatasetReport) -> list[dict[str, Any]]:
    """What raters say of its texts by now."""
    return blind_results.results(blind_ratings.of_report(report))


@login_required
@require_GET
def as_json(request: Request, slug: str, pk: int) -> HttpResponse:
    """The whole document, and what raters say by now."""
    report = _fetch_made(request, slug, pk)
    shown = {"ensure_ascii": False, "indent": 1}
    whole = {**report.document, "people": _people(report)}
    response = JsonResponse(whole, json_dumps_params=shown)
    name = f'attachment; filename="{report.file_name}.json"'
    response["Content-Disposition"] = name
    return response


@login_required
@require_GET
def as_pdf(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page but for its samples."""
    report = _fetch_made(request, slug, pk)
    return papers.as_pdf(
        request,
        lambda: paper.paper(report, _people(report)),
        made_at=paper.made_at(report),
        name=report.file_name,
    )


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    """Make it no further."""
    dataset_reporting.cancel(report=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "dataset-report", slug, pk)


@login_required
@require_POST
def retry(request: Request, slug: str, pk: int) -> HttpResponse:
    """Make it after all."""
    dataset_reporting.retry(report=_fetch(request, slug, pk), actor=request.user)
    nudge(make_dataset_report, pk)
    return go_to(request, "dataset-report", slug, pk)


@login_required
@require_POST
def delete(request: Request, slug: str, pk: int) -> HttpResponse:
    dataset_reporting.delete(report=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "dataset-reports", slug)
