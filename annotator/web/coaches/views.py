"""Coaches: which one drafts, how it got there, and how to go back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator import downloads, policies
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import coaching, installation, lineage
from annotator.services import (
    projects,
    promoting,
    pushing,
    scheduling,
    snapshotting,
)
from annotator.tasks import draft_next_batch, nudge, push_adapter
from annotator.web import csv_files, drift_alarms, labels
from annotator.web.coaches import challenge_words, evaluation_words, tables, words
from annotator.web.coaches.runs import preview_words
from annotator.web.http import Request, fetch_project, go_to, say, screen
from revision_engine.postprocess import Problem
from training.models import CoachVersion, Promotion


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    """The page; htmx asks for its live part, the runs."""
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    part = "runs" if request.htmx.target == "runs" else ""
    return screen(request, "coaches/index.html", _board(request, project), part=part)


def _board(request: Request, project: Project) -> dict[str, Any]:
    board = coaching.board(project)
    promotion = board.promotions[0] if board.promotions else None
    by_coach = {
        row.coach: evaluation_words.decisive(row.evaluation) for row in board.coaches
    }
    return {
        "project": project,
        "preview": preview_words(project, snapshotting.plan_for(project)),
        "schedule": scheduling.schedule(project),
        "installation": installation.told(),
        "takes_over": project.get_takes_over_display(),
        "active": board.active
        and {
            "coach": board.active,
            "since": promotion.at if promotion else None,
            "figures": by_coach.get(board.active, []),
        },
        "before": promotion.previous if promotion else None,
        "registry": tables.registry(
            request,
            project,
            [_registered(row, by_coach[row.coach]) for row in board.coaches],
            active=board.active,
            may_promote=policies.can(request.user, project, Deed.PROMOTE),
        ),
        "written": board.written,
        "refused": [
            {"label": labels.PROBLEMS[Problem(problem)], "count": count}
            for problem, count in board.refused.items()
        ],
        "mean_logprob": board.mean_logprob,
        "runs": board.runs,
        "run_table": tables.runs(project, board.runs),
        "log": tables.promotions(board.promotions),
        "alarms": drift_alarms.alarms(project),
        **challenge_words.panel(project),
    }


def _registered(row: coaching.CoachRow, figures: object) -> dict[str, object]:
    evaluation = row.evaluation
    return {
        "coach": row.coach,
        "is_active": row.is_active,
        "is_awaited": coaching.is_awaited(row),
        "outcome": evaluation.get_outcome_display() if evaluation else "",
        "needs_reason": coaching.needs_reason(row),
        "figures": figures,
    }


def _coach(project: Project, pk: int) -> CoachVersion:
    found = CoachVersion.objects.select_related("run__snapshot")
    return get_object_or_404(found, pk=pk, scope=project.scope)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """One coach: its papers, the rows and people it learned from, its drafts."""
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    ancestry = lineage.of_coach(_coach(project, pk))
    pushed = pushing.newest(ancestry.coach)
    context = {
        "project": project,
        "ancestry": ancestry,
        "coach": ancestry.coach,
        "hub": pushing.repository_of(project),
        "pushed": pushed,
        "push_sign": words.PUSH_SIGNS[pushed.state] if pushed else "",
        "is_pushed": pushed is not None and pushing.is_running(pushed),
        "teachers": tables.teachers(ancestry),
        "log": tables.own_promotions(ancestry),
        "learns_from": evaluation_words.learns_from(ancestry.run)
        if ancestry.run
        else [],
    }
    part = "push" if request.htmx.target == "push" else ""
    return screen(request, "coaches/show.html", context, part=part)


@login_required
@require_GET
def rows(request: Request, slug: str, pk: int) -> StreamingHttpResponse:
    """The rows a coach was trained and measured on, as CSV."""
    project = fetch_project(request, slug, Deed.SEE_SETUP)
    coach = _coach(project, pk)
    name = f"{project.slug}-coach-{coach.number}-rows.csv"
    return csv_files.of_kind(name, lineage.Lesson, lineage.lessons(coach))


@login_required
@require_GET
def adapter(request: Request, slug: str, pk: int) -> HttpResponseBase:
    """The adapter as a zip that plain peft loads."""
    project = fetch_project(request, slug, Deed.EXPORT)
    return downloads.adapter(request, project, request.user, _coach(project, pk))


@login_required
@require_POST
def push(request: Request, slug: str, pk: int) -> HttpResponse:
    """Have the adapter pushed to the hub that the settings name."""
    project = fetch_project(request, slug, Deed.TRAIN)
    asked = pushing.request(
        project=project, actor=request.user, coach=_coach(project, pk)
    )
    nudge(push_adapter, asked.pk)
    return go_to(request, "coach", project.slug, pk)


@login_required
@require_POST
def promote(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.PROMOTE)
    promotion = promoting.promote(
        project=project,
        actor=request.user,
        coach=_coach(project, pk),
        reason=request.POST.get("reason", ""),
    )
    return _changed(request, project, promotion)


@login_required
@require_POST
def roll_back(request: Request, slug: str) -> HttpResponse:
    """One click: the coach before the active one drafts again."""
    project = fetch_project(request, slug, Deed.PROMOTE)
    reason = request.POST.get("reason", "")
    promotion = promoting.roll_back(project=project, actor=request.user, reason=reason)
    return _changed(request, project, promotion)


def _changed(request: Request, project: Project, promotion: Promotion) -> HttpResponse:
    nudge(draft_next_batch, project.pk)
    say(request, _("%(coach)s drafts from now on.") % {"coach": promotion.coach})
    return go_to(request, "coaches", project.slug)


@login_required
@require_POST
def pause(request: Request, slug: str) -> HttpResponse:
    """Pause the schedule, or let it go on."""
    project = fetch_project(request, slug, Deed.TRAIN)
    projects.pause_schedule(
        project=project, actor=request.user, paused=request.POST.get("paused") == "1"
    )
    return go_to(request, "coaches", project.slug)
