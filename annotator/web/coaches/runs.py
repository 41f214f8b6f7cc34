"""Training runs: start one, watch it, cancel it, lay some side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import coaching, installation
from annotator.services import fitting, promoting, snapshotting
from annotator.tasks import nudge
from annotator.web import gate_words, numbers
from annotator.web.coaches import curves, evaluation_words, run_tables, words
from annotator.web.coaches.forms import TrainForm, form_for
from annotator.web.http import Request, fetch_project, go_to, screen
from training import selectors
from training.causes import Cause, likely
from training.models import TrainingRun
from training.preferences import LEAST, PreferenceKind
from training.services import preferring, runs
from training.tasks import start_next_run

SAMPLES = 5


@login_required
@require_GET
def prepare(request: Request, slug: str) -> HttpResponse:
    """The form of a new run; htmx asks for its preview while it is filled in."""
    project = fetch_project(request, slug, Deed.TRAIN)
    form = form_for(project, request.GET)
    target = request.htmx.target or ""
    part = target if target == "preview" else ""
    return screen(request, "coaches/new_run.html", _form(project, form), part=part)


@login_required
@require_POST
def new(request: Request, slug: str) -> HttpResponse:
    """Freeze a snapshot and queue a run on it; without fields, the project's way."""
    project = fetch_project(request, slug, Deed.TRAIN)
    form = form_for(project, request.POST)
    if form.is_bound and not form.is_valid():
        context = _form(project, form)
        return screen(
            request, "coaches/new_run.html", context, part="train", status=422
        )
    run = snapshotting.start_run(project=project, actor=request.user, plan=form.plan)
    nudge(start_next_run)
    return go_to(request, "run", project.slug, run.pk)


def _form(project: Project, form: TrainForm) -> dict[str, Any]:
    usable = not form.is_bound or form.is_valid()
    preview = preview_words(project, form.plan) if usable else None
    return {
        "project": project,
        "form": form,
        "lessons": _lessons(project, form),
        "preview": preview,
        "installation": installation.waits(),
    }


def _lessons(project: Project, form: TrainForm) -> list[dict[str, Any]]:
    """What a run may learn, to choose from; none where only one thing is possible."""
    if not snapshotting.may_learn_preferences(project):
        return []
    now = form.plan.config.learns
    return [
        {"value": key, "label": label, "is_chosen": key == now}
        for key, label in words.LEARNS.items()
    ]


def preview_words(project: Project, plan: snapshotting.Plan) -> dict[str, Any]:
    """What a run would learn from, with the time it would take here."""
    preview = snapshotting.preview(project, plan)
    fit = fitting.fit(plan.config)
    return {
        "parent": plan.parent,
        "config": plan.config,
        "precision": words.PRECISIONS[plan.config.precision],
        "counts": preview,
        "preferences": [
            {
                "label": words.PREFERENCES[kind],
                "count": preview.preferences.get(kind, 0),
            }
            for kind in map(PreferenceKind, plan.kinds)
        ],
        "minutes": coaching.estimate(preview.tokens),
        "cross_minutes": coaching.cross_fitting_minutes(
            preview.fold_tokens, preview.cross_fitted
        ),
        "gigabytes": fit.likely and fit.likely / 1e9,
        "obstacle": _obstacle(preview, plan, fit.why_not),
    }


def _obstacle(
    preview: snapshotting.Preview, plan: snapshotting.Plan, why_not: str
) -> str:
    """What a run cannot do yet, with what it takes; empty if there is nothing."""
    found = sum(preview.preferences.values())
    if plan.is_second_stage and found < LEAST:
        return preferring.too_few(found)
    if not preview.selected:
        return _("There is no accepted review to learn from yet.")
    why_not = why_not or preview.folds_too_small
    if why_not or preview.measured >= preview.minimum_pairs:
        return why_not
    return _(
        "The gate decides on %(asked)d measured pairs or more, and there are "
        "%(measured)d: it will say hold. From about %(reviews)d accepted reviews on "
        "there are enough."
    ) % {
        "asked": preview.minimum_pairs,
        "measured": preview.measured,
        "reviews": preview.enough_from,
    }


def _run(project: Project, pk: int) -> TrainingRun:
    return get_object_or_404(TrainingRun, pk=pk, scope=project.scope)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """One run, live; a reload loses nothing, as all of it is in rows."""
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    watched = coaching.watch(_run(project, pk))
    evaluation, run = watched.evaluation, watched.run
    order = request.GET.get("samples", "")
    guess = likely(run.problem, run.log_tail) if run.problem else None
    cause = Cause(run.cause) if run.cause else guess
    left = watched.eta.total_seconds() if watched.eta else None
    context = {
        "project": project,
        "run": run,
        "is_active": watched.is_active,
        "is_resumable": run.state in runs.RESUMABLE,
        "queue_place": watched.queue_place,
        "installation": installation.waits() if watched.queue_place else None,
        "share": evaluation_words.share(run),
        "stage": evaluation_words.stage(run),
        "tokens_per_second": watched.tokens_per_second,
        "eta_label": numbers.minutes(left),
        "curve": curves.curve(watched),
        "points": run_tables.curve(watched),
        "cause": words.CAUSES[cause] if cause else "",
        "cause_is_known": bool(run.cause),
        "learns_from": evaluation_words.learns_from(run),
        "evaluation": evaluation,
        **_evaluated(watched),
        "coach": watched.coach,
        "is_promoted": watched.is_promoted,
        "samples": coaching.samples(evaluation, order)[:SAMPLES] if evaluation else [],
        "sample_order": order,
        "others": coaching.comparable(run),
    }
    return screen(request, "coaches/run.html", context, part="live")


def _evaluated(watched: coaching.RunWatch) -> dict[str, Any]:
    evaluation = watched.evaluation
    if evaluation is None:
        return {}
    gate = gate_words.decision(evaluation)
    name = watched.coach.name if watched.coach else ""
    return {
        "gate": gate,
        "watched": gate and run_tables.watch(gate, evaluation),
        "figures": run_tables.figures(evaluation, name),
        "by_category": run_tables.by_category(evaluation, name),
    }


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.TRAIN)
    promoting.cancel(project=project, actor=request.user, run=_run(project, pk))
    return go_to(request, "run", project.slug, pk)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    """Let a run that failed or was cancelled go on from its last checkpoint."""
    project = fetch_project(request, slug, Deed.TRAIN)
    promoting.resume(project=project, actor=request.user, run=_run(project, pk))
    nudge(start_next_run)
    return go_to(request, "run", project.slug, pk)


@login_required
@require_GET
def compare(request: Request, slug: str) -> HttpResponse:
    """Some runs laid over each other: curves, what differs, what was measured."""
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    chosen = [int(pk) for pk in request.GET.getlist("run") if pk.isdecimal()]
    compared = coaching.compare(project, chosen)
    context = {
        "project": project,
        "all_runs": [
            {"run": run, "chosen": run.pk in chosen}
            for run in selectors.runs(project.scope).filter(step__gt=0)[:20]
        ],
        "curve": curves.curves(compared),
        "settings": compared and run_tables.settings(project, compared),
        "figures": compared and run_tables.measured(compared),
    }
    return screen(request, "coaches/compare_runs.html", context)
