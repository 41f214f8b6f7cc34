"""Coaches: train one, watch it, promote it, roll back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.errors import WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import coaching
from annotator.services import snapshotting
from annotator.tasks import draft_next_batch, nudge
from annotator.web import labels, shown
from annotator.web.forms import TrainForm
from annotator.web.http import Request, fetch_project, go_to, say, screen
from revision_engine.postprocess import Problem
from training.config import LoraConfig
from training.models import CoachVersion, TrainingRun
from training.services import registry, runs
from training.tasks import start_next_run


class NotPromoted(WorkflowError):
    """The registry refused; its sentence says why."""

    code = "not_promotable"


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its live parts: the runs, or the form's preview."""
    project = fetch_project(request, slug, Deed.TRAIN)
    bound = TrainForm(request.GET) if request.GET else None
    asked = bound.changes() if bound and bound.is_valid() else {}
    config = snapshotting.config_for(project, **asked)
    context = _board(project, bound or TrainForm.starting_from(config), config)
    target = request.htmx.target or ""
    part = target if target in {"runs", "preview"} else ""
    return screen(request, "coaches/index.html", context, part=part)


@login_required
@require_POST
def new(request: Request, slug: str) -> HttpResponse:
    """Freeze a snapshot and queue a run on it."""
    project = fetch_project(request, slug, Deed.TRAIN)
    form = TrainForm(request.POST)
    if not form.is_valid():
        context = _board(project, form, snapshotting.config_for(project))
        template = "coaches/index.html"
        return screen(request, template, context, part="train", status=422)
    config = snapshotting.config_for(project, **form.changes())
    run = snapshotting.start_run(project=project, actor=request.user, config=config)
    nudge(start_next_run)
    return go_to(request, "run", project.slug, run.pk)


def _preview(project: Project, config: LoraConfig) -> dict[str, Any]:
    preview = snapshotting.preview(project, config)
    return {
        "accepted": preview.accepted,
        "selected": preview.selected,
        "held_out": preview.held_out,
        "minutes": coaching.estimate(preview.tokens),
        "obstacle": ""
        if preview.selected
        else _("There is no accepted review to learn from yet."),
    }


def _board(project: Project, form: TrainForm, config: LoraConfig) -> dict[str, Any]:
    board = coaching.board(project)
    promotion = board.promotions[0] if board.promotions else None
    by_coach = {row.coach: shown.decisive(row.evaluation) for row in board.coaches}
    return {
        "project": project,
        "form": form,
        "preview": _preview(project, config),
        "active": board.active
        and {
            "coach": board.active,
            "since": promotion.at if promotion else None,
            "figures": by_coach.get(board.active, []),
        },
        "coaches": [
            {
                "coach": row.coach,
                "is_active": row.is_active,
                "figures": by_coach[row.coach],
            }
            for row in board.coaches
        ],
        "written": board.written,
        "refused": [
            {"label": labels.PROBLEMS[Problem(problem)], "count": count}
            for problem, count in board.refused.items()
        ],
        "mean_logprob": board.mean_logprob,
        "runs": board.runs,
        "promotions": board.promotions,
    }


def _run(project: Project, pk: int) -> TrainingRun:
    return get_object_or_404(TrainingRun, pk=pk, scope=project.scope)


@login_required
@require_GET
def run(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.TRAIN)
    watched = coaching.watch(_run(project, pk))
    evaluation = watched.evaluation
    context = {
        "project": project,
        "run": watched.run,
        "is_active": watched.is_active,
        "share": shown.share(watched.run),
        "tokens_per_second": watched.tokens_per_second,
        "eta_label": shown.minutes(
            watched.eta.total_seconds() if watched.eta else None
        ),
        "curve": shown.curve(watched),
        "points": shown.watched_points(watched),
        "figures": shown.table(evaluation),
        "examples": evaluation.examples if evaluation else 0,
        "coach": watched.coach,
        "is_promoted": watched.is_promoted,
        "samples": evaluation.samples.all()[:10] if evaluation else [],
    }
    return screen(request, "runs/show.html", context, part="live")


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.TRAIN)
    runs.cancel(run=_run(project, pk))
    return go_to(request, "run", project.slug, pk)


@login_required
@require_POST
def promote(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.PROMOTE)
    coach = get_object_or_404(CoachVersion, pk=pk, scope=project.scope)
    try:
        registry.promote(
            coach=coach, actor=request.user, reason=request.POST.get("reason", "")
        )
    except registry.NotPromotable as error:
        raise NotPromoted(str(error)) from None
    nudge(draft_next_batch, project.pk)
    say(request, _("%(coach)s drafts from now on.") % {"coach": coach})
    return go_to(request, "coaches", project.slug)
