"""Model studies: ask for one, watch it, read it, fetch it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.model_studies import Tuning
from annotator.domain.roles import Deed
from annotator.models import ModelStudy, Project
from annotator.selectors import (
    blind_ratings,
    blind_results,
    model_studies,
    progress,
)
from annotator.services import fitting, studying
from annotator.tasks import carry_out_study, nudge
from annotator.web import bars, papers, read_only
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.model_studies import paper, tables, words
from annotator.web.model_studies.forms import StudyForm

State = ModelStudy.State


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its list while a study is carried out."""
    project = fetch_project(request, slug, read_only.fetch_deed(request, Deed.TRAIN))
    if request.method == "GET" and request.htmx:
        context = _listed(request, project)
        return screen(request, "model_studies/list.html", context, part="studies")
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = StudyForm(*given)
    if request.method == "POST" and form.is_valid():
        study = studying.request(
            project=project,
            actor=request.user,
            order=form.order,
            testset=form.cleaned_data["testset"],
        )
        nudge(carry_out_study, study.pk)
        return go_to(request, "model-study", project.slug, study.pk)
    context = {
        **_listed(request, project),
        **read_only.told(request, project, Deed.TRAIN),
        "form": form,
    }
    status = 422 if form.errors else 200
    return screen(
        request, "model_studies/list.html", context, part="order", status=status
    )


def _listed(request: Request, project: Project) -> dict[str, Any]:
    found = model_studies.of_project(project)
    may = progress.capabilities(request.user, project)
    return {
        "project": project,
        "table": tables.studies(request, project, may, found),
        "is_running": any(each.state in studying.RUNNING for each in found),
    }


@login_required
@require_GET
def estimate(request: Request, slug: str) -> HttpResponse:
    """How much work the form would ask for now, and about how long that takes."""
    project = fetch_project(request, slug, Deed.TRAIN)
    form = StudyForm(request.GET)
    context: dict[str, Any] = {"project": project, "form": form}
    if form.is_valid():
        base_model = form.order.base_model or settings.BASE_MODEL
        context["estimate"] = model_studies.estimate(form.order, base_model)
        if form.order.tuning == Tuning.FULL:
            likely = fitting.fit_whole(base_model).likely
            context["memory"] = f"{likely / 1e9:.1f}" if likely else ""
    return screen(request, "model_studies/estimate.html", context)


def _fetch(request: Request, slug: str, pk: int) -> ModelStudy:
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    found = ModelStudy.objects.select_related("project", "asked_by")
    found = found.defer("for_raters")
    return get_object_or_404(found, pk=pk, project=project)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """What was found, or how far it is; htmx asks while it is carried out."""
    study = _fetch(request, slug, pk)
    context: dict[str, Any] = {
        "project": study.project,
        "study": study,
        "name": tables.named(study),
        "sign": words.SIGNS[study.state],
        "progress": tables.progress(study),
        "is_running": study.state in studying.RUNNING,
    }
    if study.state == State.DONE:
        context |= _found(study.document, _people(study))
    # Once it is done, the whole page is new.
    if request.htmx and not context["is_running"]:
        return go_to(request, "model-study", slug, pk)
    return screen(request, "model_studies/show.html", context, part="live")


def _found(document: dict[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sections": bars.with_pictures(paper.found(document, people)),
        "manifest": tables.manifest(document),
        "samples": [
            {
                **sample,
                "answers": [
                    {**answer, "name": words.arm(answer["arm"])}
                    for answer in sample["answers"]
                ],
            }
            for sample in document["samples"]
        ],
        "limits": words.limits(),
    }


def _people(study: ModelStudy) -> list[dict[str, Any]]:
    """What raters say of its answers by now."""
    return blind_results.results(blind_ratings.of_study(study))


@login_required
@require_GET
def as_json(request: Request, slug: str, pk: int) -> HttpResponse:
    """The whole document, and what raters say by now."""
    study = _fetch(request, slug, pk)
    if study.state != State.DONE:
        raise Http404
    shown = {"ensure_ascii": False, "indent": 1}
    whole = {**study.document, "people": _people(study)}
    response = JsonResponse(whole, json_dumps_params=shown)
    name = f'attachment; filename="{study.file_name}.json"'
    response["Content-Disposition"] = name
    return response


@login_required
@require_GET
def as_pdf(request: Request, slug: str, pk: int) -> HttpResponse:
    """The page but for its answers."""
    study = _fetch(request, slug, pk)
    if study.state != State.DONE:
        raise Http404
    return papers.as_pdf(
        request,
        lambda: paper.paper(study, _people(study)),
        made_at=paper.made_at(study),
        name=study.file_name,
    )


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    """Carry it out no further."""
    studying.cancel(study=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "model-study", slug, pk)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    """Do what is left of it."""
    studying.resume(study=_fetch(request, slug, pk), actor=request.user)
    nudge(carry_out_study, pk)
    return go_to(request, "model-study", slug, pk)


@login_required
@require_POST
def delete(request: Request, slug: str, pk: int) -> HttpResponse:
    studying.delete(study=_fetch(request, slug, pk), actor=request.user)
    return go_to(request, "model-studies", slug)
