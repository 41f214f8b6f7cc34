"""What the coach pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, F, QuerySet
from django.utils import timezone

from annotator.models import Draft, Project
from training import selectors
from training.models import (
    CoachVersion,
    Evaluation,
    EvaluationSample,
    Promotion,
    RunPoint,
    TrainingRun,
)


@dataclass(frozen=True, slots=True)
class CoachRow:
    """One coach of the registry, with its newest evaluation."""

    coach: CoachVersion
    is_active: bool
    was_active: bool
    evaluation: Evaluation | None
    drafts: int


@dataclass(frozen=True, slots=True)
class CoachBoard:
    """The coaches page."""

    active: CoachVersion | None
    coaches: Sequence[CoachRow]
    runs: Sequence[TrainingRun]
    promotions: Sequence[Promotion]
    written: int
    """Drafts of the active coach, candidates included."""
    refused: dict[str, int]
    """Those of them that are not used, by problem; most frequent first."""
    mean_logprob: float | None
    """Of the active coach's drafts that have one."""


def board(project: Project) -> CoachBoard:
    """A project's coaches, runs and promotions, newest first."""
    active = selectors.active_coach(project.scope)
    led = set(
        selectors.promotions(project.scope).values_list("coach", flat=True).distinct()
    )
    rows = [
        CoachRow(
            coach=coach,
            is_active=coach == active,
            was_active=coach.pk in led,
            evaluation=selectors.latest_evaluation(coach),
            drafts=coach.drafts.answers().count(),
        )
        for coach in selectors.coaches(project.scope)[:50]
    ]
    answers = Draft.objects.answers()
    drafts = answers.filter(coach=active) if active else answers.none()
    by_problem = dict(
        drafts.values_list("problem").annotate(n=Count("pk")).order_by("-n", "problem")
    )
    return CoachBoard(
        active=active,
        written=sum(by_problem.values()),
        refused={problem: n for problem, n in by_problem.items() if problem},
        mean_logprob=drafts.aggregate(mean=Avg("mean_logprob"))["mean"],
        coaches=rows,
        runs=list(selectors.runs(project.scope)[:50]),
        promotions=list(selectors.promotions(project.scope)[:50]),
    )


@dataclass(frozen=True, slots=True)
class RunWatch:
    """A run as its page shows it now."""

    run: TrainingRun
    is_active: bool
    steps: Sequence[RunPoint]
    held_out: Sequence[RunPoint]
    tokens_per_second: float | None
    """Over the last ten steps."""
    eta: timedelta | None
    """Until the training is done; the evaluation comes on top."""
    coach: CoachVersion | None
    is_promoted: bool
    evaluation: Evaluation | None
    queue_place: int | None
    """1 for the run that starts next; None once it has started."""


def watch(run: TrainingRun) -> RunWatch:
    """Everything about one run, from rows alone: a reload loses nothing."""
    points = list(run.points.all())
    steps = [p for p in points if p.kind == RunPoint.Kind.STEP]
    coach = CoachVersion.objects.filter(run=run).first()
    active = selectors.active_coach(run.scope)
    waiting = run.state == TrainingRun.State.QUEUED
    return RunWatch(
        run=run,
        is_active=waiting or run.state in TrainingRun.ACTIVE,
        steps=steps,
        held_out=[p for p in points if p.kind == RunPoint.Kind.HELD_OUT],
        tokens_per_second=_speed(steps[-10:]),
        eta=_eta(run, steps),
        coach=coach,
        is_promoted=coach is not None and coach == active,
        evaluation=selectors.latest_evaluation(coach) if coach else None,
        queue_place=_place(run) if waiting else None,
    )


def samples(evaluation: Evaluation, order: str) -> QuerySet[EvaluationSample]:
    """Held-out pairs with their drafts: `best` or `worst` first, else as measured."""
    found = evaluation.samples.annotate(spared=F("distance_raw") - F("distance_draft"))
    by_order = {"best": ("-spared", "pk"), "worst": ("spared", "pk")}
    return found.order_by(*by_order.get(order, ("pk",)))


def is_awaited(row: CoachRow) -> bool:
    """Whether it came in, and no run has measured it yet."""
    run = row.coach.run
    return run is not None and run.state != TrainingRun.State.READY


def needs_reason(row: CoachRow) -> bool:
    """Whether to promote this coach is to overrule the gate."""
    gate = row.evaluation.outcome if row.evaluation else ""
    return not row.was_active and gate not in {"", Evaluation.Outcome.PROMOTE}


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run among those that are laid side by side."""

    run: TrainingRun
    points: Sequence[RunPoint]
    evaluation: Evaluation | None


def comparable(run: TrainingRun) -> Sequence[TrainingRun]:
    """Other runs of the same project that have a curve, newest first."""
    others = selectors.runs(run.scope).exclude(pk=run.pk)
    return list(others.filter(step__gt=0)[:20])


def compare(project: Project, numbers: Sequence[int]) -> list[ComparedRun]:
    """Runs of the project in the order of their numbers, at most six."""
    found = selectors.runs(project.scope).filter(pk__in=numbers).order_by("pk")
    return [
        ComparedRun(
            run=run,
            points=list(run.points.all()),
            evaluation=_evaluation_of(run),
        )
        for run in found.prefetch_related("points")[:6]
    ]


def _evaluation_of(run: TrainingRun) -> Evaluation | None:
    coach = CoachVersion.objects.filter(run=run).first()
    return selectors.latest_evaluation(coach) if coach else None


def _speed(steps: Sequence[RunPoint]) -> float | None:
    seconds = sum(point.seconds or 0 for point in steps)
    return sum(point.tokens or 0 for point in steps) / seconds if seconds else None


def _eta(run: TrainingRun, steps: Sequence[RunPoint]) -> timedelta | None:
    if run.state != TrainingRun.State.TRAINING or not steps:
        return None
    mean = sum(point.seconds or 0 for point in steps) / len(steps)
    last_seen = run.heartbeat_at or timezone.now()
    since = (timezone.now() - last_seen).total_seconds()
    return timedelta(seconds=max(0.0, mean * (run.steps - run.step) - since))


def _place(run: TrainingRun) -> int:
    queued = TrainingRun.objects.filter(state=TrainingRun.State.QUEUED, pk__lt=run.pk)
    return queued.count() + 1


def cross_fitting_minutes(tokens: int, drafts: int) -> float | None:
    """Minutes that coaches of parts would learn and draft, at the speeds measured here.

    None before anything was trained and evaluated here.
    """
    learning, evaluation = estimate(tokens), Evaluation.objects.order_by("pk").last()
    if learning is None or evaluation is None or not evaluation.examples:
        return None
    return learning + drafts * evaluation.seconds / evaluation.examples / 60


def estimate(tokens: int) -> float | None:
    """Minutes that many training tokens would take, at the speed measured here.

    None before this installation has trained anything: nothing is guessed.
    """
    measured = RunPoint.objects.filter(kind=RunPoint.Kind.STEP, seconds__gt=0)
    newest = measured.order_by("-pk").values_list("tokens", "seconds")[:50]
    seconds = sum(second or 0.0 for _, second in newest)
    if not seconds:
        return None
    return tokens / (sum(count or 0 for count, _ in newest) / seconds) / 60
