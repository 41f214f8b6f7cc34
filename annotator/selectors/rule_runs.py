"""Runs of a project's rules: how far, how many, and what waits for a lead."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from annotator.models import Project, RuleCount, RuleProposal, RuleRun

State = RuleRun.State


@dataclass(frozen=True, slots=True)
class RunProgress:
    """One run as it stands; `share` is of its phase, from 0 to 1."""

    is_running: bool
    share: float | None
    pairs_per_second: float | None
    """Of a run that looks at pair by pair."""
    seconds_left: float | None


def progress(run: RuleRun) -> RunProgress:
    is_running = run.state in (State.WAITING, State.RUNNING, State.UNDOING)
    share = min(1.0, run.done / run.total) if run.total else None
    pace = left = None
    if run.phase == RuleRun.Phase.PAIRS and run.started_at and run.done:
        took = ((run.ended_at or timezone.now()) - run.started_at).total_seconds()
        pace = run.done / took if took > 0 else None
        if pace and is_running:
            left = max(run.total - run.done, 0) / pace
    return RunProgress(is_running, share, pace, left)


def last(project: Project) -> RuleRun | None:
    return of_project(project).first()


def of_project(project: Project) -> QuerySet[RuleRun]:
    """A project's runs, newest first."""
    found = RuleRun.objects.filter(project=project).select_related("started_by")
    return found.order_by("-pk")


def counts(run: RuleRun | None) -> dict[str, RuleCount]:
    """What each rule of a run made of the pairs."""
    return {count.rule: count for count in run.counts.all()} if run else {}


def waiting(project: Project) -> QuerySet[RuleProposal]:
    """Proposals that nobody has decided about, with their pairs."""
    found = RuleProposal.objects.filter(
        run__project=project, outcome=RuleProposal.Outcome.WAITS
    )
    return found.select_related("pair").order_by("run", "pk")
