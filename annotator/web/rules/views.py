"""Rule scripts: the list, a trial, runs, and what waits for a lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rows import PairRow, RowProblem
from annotator.formats.rules import registry
from annotator.formats.rules.alike import COMPARING
from annotator.models import LogFormat, Pair, Project, ProjectRule, RuleRun
from annotator.selectors import rule_runs
from annotator.services import (
    arranging_rules,
    parsing_logs,
    proposing,
    putting_back,
    running_rules,
    trying_rules,
)
from annotator.tasks import nudge, run_rules
from annotator.web import numbers
from annotator.web.http import Request, fetch_project, go_to, say, screen
from annotator.web.rules import tables, words
from annotator.web.rules.forms import DecisionForm, LogForm, RuleForm

PROPOSALS_SHOWN = 100
RUNS_SHOWN = 10


@login_required
@require_GET
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    last = rule_runs.last(project)
    context = {
        "project": project,
        "table": tables.rules(
            request,
            project,
            arranging_rules.listed(project),
            rule_runs.counts(last),
        ),
        "waiting": rule_runs.waiting(project).count(),
        "runs": tables.runs(project, rule_runs.of_project(project)[:RUNS_SHOWN]),
        "faults": registry.known().faults.items(),
        **_run(last),
    }
    return screen(request, "rules/list.html", context)


def _run(run: RuleRun | None) -> dict[str, Any]:
    """What the panel of a run shows."""
    if run is None:
        return {"run": None}
    stands = rule_runs.progress(run)
    return {
        "run": run,
        "is_running": stands.is_running,
        "sign": words.SIGNS[run.state],
        "percent": None if stands.share is None else round(100 * stands.share),
        "pace": stands.pairs_per_second,
        "time_left": numbers.minutes(stands.seconds_left),
        "may_undo": run.state in running_rules.ENDED
        and (run.state != RuleRun.State.UNDONE or run.left > 0),
        "may_resume": run.state in (RuleRun.State.FAILED, RuleRun.State.CANCELLED),
    }


def _rule(project: Project, key: str) -> ProjectRule:
    found = {rule.key: rule for rule in arranging_rules.listed(project)}
    if key not in found or key not in registry.known().rules:
        raise Http404
    return found[key]


@login_required
@require_http_methods(["GET", "POST"])
def rule(request: Request, slug: str, key: str) -> HttpResponse:
    """The settings of one rule."""
    project = fetch_project(request, slug, Deed.IMPORT)
    form = RuleForm(_rule(project, key), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            arranging_rules.set_up(
                project=project,
                actor=request.user,
                key=key,
                way=form.cleaned_data["way"],
                settings=form.settings(),
            )
        except Invalid as fault:
            form.add_error(None, str(fault))
        else:
            return go_to(request, "rules", slug)
    context = {
        "project": project,
        "form": form,
        "key": key,
        "title": words.title(key),
        "about": words.about(key),
        "is_comparing": key in COMPARING,
    }
    status = 422 if form.errors else 200
    return screen(request, "rules/rule.html", context, part="form", status=status)


@login_required
@require_POST
def move(request: Request, slug: str, key: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    up = request.POST.get("way") == "up"
    arranging_rules.move(project=project, actor=request.user, key=key, up=up)
    return go_to(request, "rules", slug)


@login_required
@require_POST
def switch(request: Request, slug: str, key: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    on = request.POST.get("way") == "on"
    arranging_rules.switch(project=project, actor=request.user, key=key, on=on)
    return go_to(request, "rules", slug)


@login_required
@require_GET
def trial(request: Request, slug: str) -> HttpResponse:
    """What the rules would make of a hundred pairs; nothing is stored."""
    project = fetch_project(request, slug, Deed.IMPORT)
    typed = request.GET.get("draw", "")
    draw = int(typed) if typed.isdecimal() and len(typed) < 6 else 0
    found = trying_rules.try_out(project=project, actor=request.user, seed=draw)
    context = {
        "project": project,
        "read": found.read,
        "found": len(found.found),
        "counts": [
            {"label": words.title(key), "count": n}
            for key, n in found.counts.most_common()
        ],
        "table": tables.trial(project, found.found),
        "next": draw + 1,
    }
    return screen(request, "rules/trial.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def log(request: Request, slug: str) -> HttpResponse:
    """How raw logs are read: a pattern, tried on some lines before it is saved."""
    project = fetch_project(request, slug, Deed.IMPORT)
    form = LogForm(request.POST or None, initial=_log_format(project), label_suffix="")
    rows: list[PairRow | RowProblem] = []
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            if "save" in request.POST:
                parsing_logs.set_pattern(
                    project=project,
                    actor=request.user,
                    pattern=typed["pattern"],
                    unescape=typed["unescape"],
                )
                return go_to(request, "rules", slug)
            rows = parsing_logs.try_out(
                typed["pattern"], typed["lines"], unescape=typed["unescape"]
            )
        except Invalid as fault:
            form.add_error("pattern", str(fault))
    context = {
        "project": project,
        "form": form,
        "table": tables.parsed(rows),
        "is_tried": bool(rows),
    }
    status = 422 if form.errors else 200
    return screen(request, "rules/log.html", context, part="form", status=status)


def _log_format(project: Project) -> dict[str, Any]:
    found = LogFormat.objects.filter(project=project).first()
    return {"pattern": found.pattern, "unescape": found.unescape} if found else {}


@login_required
@require_POST
def start(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.IMPORT)
    run = running_rules.start(project=project, actor=request.user)
    nudge(run_rules, run.pk)
    return go_to(request, "rules", slug)


def _fetch(request: Request, slug: str, pk: int) -> RuleRun:
    project = fetch_project(request, slug, Deed.IMPORT)
    found = RuleRun.objects.select_related("project", "started_by")
    return get_object_or_404(found, pk=pk, project=project)


@login_required
@require_GET
def show(request: Request, slug: str, pk: int) -> HttpResponse:
    """One run; htmx asks for its live part."""
    run = _fetch(request, slug, pk)
    if request.htmx and not rule_runs.progress(run).is_running:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    context = {
        "project": run.project,
        "table": tables.found_by_rule(run, rule_runs.counts(run)),
        **_run(run),
    }
    return screen(request, "rules/run.html", context, part="live")


def _step(
    request: Request, slug: str, pk: int, step: Callable[..., None]
) -> HttpResponse:
    step(run=_fetch(request, slug, pk), actor=request.user)
    nudge(run_rules, pk)
    return go_to(request, "rules-run", slug, pk)


@login_required
@require_POST
def cancel(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, running_rules.cancel)


@login_required
@require_POST
def resume(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, running_rules.resume)


@login_required
@require_POST
def undo(request: Request, slug: str, pk: int) -> HttpResponse:
    return _step(request, slug, pk, running_rules.undo)


@login_required
@require_http_methods(["GET", "POST"])
def proposals(request: Request, slug: str) -> HttpResponse:
    """What rules would exclude: taken or left, one by one or all."""
    project = fetch_project(request, slug, Deed.IMPORT)
    if request.method == "POST":
        return _decided(request, project)
    found = rule_runs.waiting(project)
    context = {
        "project": project,
        "total": found.count(),
        "table": tables.proposals(request, project, found[:PROPOSALS_SHOWN]),
        "shown": PROPOSALS_SHOWN,
    }
    return screen(request, "rules/proposals.html", context)


def _decided(request: Request, project: Project) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid(gettext("way must be take or leave, and proposal a number."))
    taken = form.cleaned_data["way"] == "take"
    decide = proposing.take if taken else proposing.leave
    n = decide(project=project, actor=request.user, ids=form.ids())
    aside = ngettext("%(n)d pair is excluded.", "%(n)d pairs are excluded.", n)
    stays = ngettext("%(n)d pair stays.", "%(n)d pairs stay in the work.", n)
    say(request, (aside if taken else stays) % {"n": n})
    return go_to(request, "rules-proposals", project.slug)


@login_required
@require_POST
def put_back(request: Request, slug: str, pk: int) -> HttpResponse:
    """The raw text that a pair came with."""
    project = fetch_project(request, slug, Deed.IMPORT)
    pair = get_object_or_404(
        Pair.objects.select_related("project"), pk=pk, project=project
    )
    putting_back.put_back(pair=pair, actor=request.user)
    return go_to(request, "pair", slug, pk)
