"""Coach studies: ask for one, watch it, read it, fetch it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.roles import Deed
from annotator.models import CoachStudy, Project
from annotator.selectors import coach_studies, progress
from annotator.services import coach_studying
from annotator.tasks import carry_out_coach_study, nudge
from annotator.web import bars, csv_files, papers, read_only
from annotator.web.coach_studies import paper, tables, words
from annotator.web.coach_studies.forms import CoachStudyForm
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.tables import as_csv

State = CoachStudy.State


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its list while a study is carried out."""
    project = fetch_project(request, slug, read_only.fetch_deed(request, Deed.TRAIN))
    if request.method == "GET" and request.htmx:
        context = _listed(request, project)
        return screen(request, "coach_studies/list.html", context, part="studies")
    form = CoachStudyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        study = coach_studying.request(
            project=project, actor=request.user, order=form.order
        )
        nudge(carry_out_coach_study, study.pk)
        return go_to(request, "coach-study", project.slug, study.pk)
    context = {
        **_listed(request, project),
        **read_only.told(request, project, Deed.TRAIN),
        "form": form,
    }
    status = 422 if form.errors else 200
    return screen(
        request, "coach_studies/list.html", context, part="order", status=status
    )


def _listed(request: Request, project: Project) -> dict[str, Any]:
    found = coach_studies.of_project(project)
    may = progress.capabilities(request.user, project)
    return {
        "project": project,
        "table": tables.studies(request, project, may, found),
        "is_running": any(each.state in coach_studying.RUNNING for each in found),
    }


def _fetch(request: Request, slug: str, pk: int) -> CoachStudy:
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    found = CoachStudy.objects.select_related("project", "asked_by")
    return get_object_or_404(found, pk=pk, project=project)


def _fetch_done(request: Request, slug: str, pk: int) -> CoachStudy:
    study = _fetch(request, slug, pk)
    if study.state != State.DONE:
        raise Http404
    return study


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """What was found, or how far it is; htmx asks while it is carried out."""
    study = _fetch(request, slug, pk)
    context: dict[str, Any] = {
        "project": study.project,
        "study": study,
        "name": words.name(study),
        "sign": words.SIGNS[study.state],
        "progress": tables.progress(study),
        "is_running": study.state in coach_studying.RUNNING,
    }
    if study.state == State.DONE:
        context |= {
            "lead": paper.lead(study),
            "sections": bars.with_pictures(paper.sections(study)),
            "curve": paper.curve(study.document),
            "limits": words.limits(study.order.kind),
            "manifest": tables.manifest(study.document, study.seconds / 60),
        }
    # Once it is done, the whole page is new.
    if request.htmx and not context["is_running"]:
        return go_to(request, "coach-study", slug, pk)
    return screen(request, "coach_studies/show.html", context, part="live")


@login_required
@require_GET
def as_json(request: Request, slug: str, pk: int) -> HttpResponse:
    """The whole document."""
    study = _fetch_done(request, slug, pk)
    shown = {"ensure_ascii": False, "indent": 1}
    response = JsonResponse(study.document, json_dumps_params=shown)
    name = f'attachment; filename="{study.file_name}.json"'
    response["Content-Disposition"] = name
    return response


@login_required
@require_GET
def as_table(request: Request, slug: str, pk: int) -> HttpResponseBase:
    """Every figure of every point, with its bounds, as CSV."""
    study = _fetch_done(request, slug, pk)
    heads, rows = as_csv(tables.every_figure(study.document))
    return csv_files.answer(f"{study.file_name}.csv", heads, rows)


@login_required
@require_GET
def as_pdf(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page on paper."""
    study = _fetch_done(request, slug, pk)
    return papers.as_pdf(
        request,
        lambda: paper.paper(study),
        made_at=paper.made_at(study),
        name=study.file_name,
    )


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    """Carry it out no further."""
    coach_studying.cancel(study=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "coach-study", slug, pk)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    """Do what is left of it."""
    coach_studying.resume(study=_fetch(request, slug, pk), actor=request.user)
    nudge(carry_out_coach_study, pk)
    return go_to(request, "coach-study", slug, pk)


@login_required
@require_POST
def delete(request: Request, slug: str, pk: int) -> HttpResponse:
    coach_studying.delete(study=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "coach-studies", slug)
