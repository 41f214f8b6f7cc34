"""Blind ratings as who ordered them sees them, and as a rater finds theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator import policies
from annotator.domain.blind_ratings import BlindOrder
from annotator.domain.roles import Deed
from annotator.models import BlindRating, DatasetReport, ModelStudy, Project
from annotator.selectors import blind_ratings
from annotator.services import asking_raters
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.ratings import tables
from annotator.web.ratings.forms import OrderForm


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    """What the person is asked to rate; for leads, all orders and how far they are."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    found = []
    if policies.can(request.user, project, Deed.SEE_STATS):
        found = blind_ratings.of_project(project)
    context = {
        "project": project,
        "mine": tables.mine(project, blind_ratings.mine(project, request.user)),
        "table": tables.orders(request, project, found),
    }
    return screen(request, "ratings/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def of_report(request: Request, slug: str, pk: int) -> HttpResponse:
    """Order that people rate what a report measured."""
    project = fetch_project(request, slug, Deed.HAVE_RATED)
    found = DatasetReport.objects.select_related("project").filter(
        state=DatasetReport.State.DONE
    )
    report = get_object_or_404(found, pk=pk, project=project)

    def ask(order: BlindOrder) -> BlindRating:
        return asking_raters.of_report(report=report, actor=request.user, order=order)

    back = reverse("dataset-report", args=[slug, pk])
    return _asked(request, project, (report.name, back), (), ask)


@login_required
@require_http_methods(["GET", "POST"])
def of_study(request: Request, slug: str, pk: int) -> HttpResponse:
    """Order that people compare what the models of a study answer."""
    project = fetch_project(request, slug, Deed.HAVE_RATED)
    found = ModelStudy.objects.select_related("project").filter(
        state=ModelStudy.State.DONE
    )
    study = get_object_or_404(found, pk=pk, project=project)

    def ask(order: BlindOrder) -> BlindRating:
        return asking_raters.of_study(study=study, actor=request.user, order=order)

    back = reverse("model-study", args=[slug, pk])
    arms = asking_raters.arms(study)
    return _asked(request, project, (tables.study_name(study), back), arms, ask)


def _asked(
    request: Request,
    project: Project,
    source: tuple[str, str],
    arms: Sequence[str],
    ask: Callable[[BlindOrder], BlindRating],
) -> HttpResponse:
    """The form, or what it ordered; `source` is what it is about, and its address."""
    form = OrderForm(project, arms, *([request.POST] if request.POST else []))
    if request.method == "POST" and form.is_valid():
        ask(form.order)
        return go_to(request, "ratings", project.slug)
    name, back = source
    context = {"project": project, "form": form, "name": name, "back": back}
    return screen(
        request, "ratings/new.html", context, status=422 if form.errors else 200
    )


def fetch(request: Request, slug: str, pk: int, deed: Deed) -> BlindRating:
    project = fetch_project(request, slug, deed)
    found = BlindRating.objects.select_related("project")
    return get_object_or_404(found, pk=pk, project=project)


@login_required
@require_POST
def end(request: Request, slug: str, pk: int) -> HttpResponse:
    """Hand out nothing any more."""
    rating = fetch(request, slug, pk, Deed.HAVE_RATED)
    asking_raters.end(rating=rating, actor=request.user)
    return go_to(request, "ratings", slug)


@login_required
@require_POST
def delete(request: Request, slug: str, pk: int) -> HttpResponse:
    rating = fetch(request, slug, pk, Deed.HAVE_RATED)
    asking_raters.delete(rating=rating, actor=request.user)
    return go_to(request, "ratings", slug)
