"""The life of a training run: every change of its state is made here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from training import preferences, selectors
from training.causes import Cause
from training.config import Learns, LoraConfig
from training.examples import write_jsonl
from training.models import (
    CoachVersion,
    RunPoint,
    Snapshot,
    SnapshotItem,
    TrainingRun,
)
from training.preferences import write_preferences
from training.services import preferring, registry, snapshots
from training.taking_over import TakesOver

State = TrainingRun.State
LOG_TAIL_CHARS = 4_000


@transaction.atomic
def enqueue(
    *,
    scope: str,
    snapshot: Snapshot,
    config: LoraConfig,
    actor: Any,
    gate: dict[str, Any] | None = None,
    takes_over: TakesOver | None = None,
    parent: CoachVersion | None = None,
    trains: bool = True,
) -> TrainingRun:
    """Write a run down; beat or a nudge starts it when the queue is free.

    With a `parent` its adapter is what learning goes on from. `gate` is a
    training.evaluation.gate.Rule, whole or only what differs from the defaults.
    Without `takes_over` the new coach waits for a person. One that does not train
    evaluates the coach that is registered with it. RunWaits if a run of the
    scope waits already.
    """
    refuse_a_second(scope)
    start = parent.adapter_sha256 if parent else ""
    return TrainingRun.objects.create(
        scope=scope,
        snapshot=snapshot,
        parent=parent,
        trains=trains,
        config=replace(config, start_from=start).as_dict(),
        gate=gate or {},
        takes_over=(takes_over or TakesOver()).as_dict(),
        created_by=actor,
    )


class RunWaits(ValueError):
    """A run of the scope waits already; the message names it."""


def refuse_a_second(scope: str) -> None:
    """RunWaits unless the scope may queue a run: at most one of each waits.

    Holds until the transaction ends, so that two askers cannot both be let through.
    """
    registry.lock(scope)
    waiting = TrainingRun.objects.filter(scope=scope, state=State.QUEUED).first()
    if waiting:
        raise RunWaits(
            gettext(
                "Run %(run)s waits to be trained already. It starts when the run "
                "before it has ended; cancel it to queue another one."
            )
            % {"run": waiting.pk}
        )


def next_waiting() -> TrainingRun | None:
    """The run that may start now: the oldest queued one, if none is active.

    None while what training needs is being installed: its turn comes by itself."""
    if is_held() or TrainingRun.objects.active().exists():
        return None
    return TrainingRun.objects.filter(state=State.QUEUED).order_by("pk").first()


def is_held() -> bool:
    """Whether runs wait because what training needs is not installed yet."""
    installation = selectors.installation()
    return installation is not None and installation.is_pending


def begin(run_id: int) -> TrainingRun | None:
    """Take a queued run for this worker; None if another has it or the queue, or while
    runs are held."""
    if is_held():
        return None
    now = timezone.now()
    try:
        with transaction.atomic():
            taken = TrainingRun.objects.filter(pk=run_id, state=State.QUEUED).update(
                state=State.PREPARING, started_at=now, heartbeat_at=now
            )
    except IntegrityError:  # one_active_run: another worker was faster
        return None
    return TrainingRun.objects.get(pk=run_id) if taken else None


def folder_of(run: TrainingRun) -> Path:
    """Where the run's files lie."""
    return Path(settings.RUNS_FOLDER) / f"run-{run.pk}"


def prepare(run: TrainingRun) -> Path:
    """Write what the recipe reads: the configuration and the examples."""
    folder = folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    for roles, name in (
        ((SnapshotItem.Role.TRAIN,), "train.jsonl"),
        (SnapshotItem.MEASURED, "held_out.jsonl"),
    ):
        write_jsonl(folder / name, snapshots.examples_of(run.snapshot, *roles))
    if learns(run) == Learns.PREFERENCES:
        told = preferring.preferences_of(run.snapshot)
        write_preferences(folder / preferences.NAME, told)
    (folder / "config.json").write_text(json.dumps(run.config, indent=1))
    return folder


def learns(run: TrainingRun) -> Learns:
    """What the run teaches; revisions, if it is from before there was a choice."""
    return Learns(run.config.get("learns", Learns.REVISIONS))


def folds(run: TrainingRun) -> int:
    """Parts in which its examples are cross-fitted; 0: none."""
    return int(run.config.get("folds", 0))


def record(run: TrainingRun, lines: Iterable[dict[str, Any]]) -> None:
    """Store what the recipe or the evaluation logged; safe to give twice."""
    points, changes = [], {"heartbeat_at": timezone.now()}
    for line in lines:
        match line["kind"]:
            case "start":
                changes |= {"step": line["step"], "steps": line["steps"]}
            case "step" | "held_out":
                points.append(_point(run, line))
                changes["step"] = line["step"]
            case "evaluating":
                changes |= {"evaluated": line["done"], "to_evaluate": line["total"]}
    RunPoint.objects.bulk_create(points, ignore_conflicts=True)
    TrainingRun.objects.filter(pk=run.pk).update(**changes)


def _point(run: TrainingRun, line: dict[str, Any]) -> RunPoint:
    return RunPoint(
        run=run,
        kind=line["kind"],
        step=line["step"],
        epoch=line["epoch"],
        loss=line["loss"],
        rate=line.get("rate"),
        tokens=line.get("tokens"),
        seconds=line.get("seconds"),
    )


def record_stage(run: TrainingRun, lines: Iterable[dict[str, Any]]) -> None:
    """Store how far a stage of cross-fitting is, of which no curve is kept."""
    changes: dict[str, Any] = {"heartbeat_at": timezone.now()}
    for line in lines:
        match line["kind"]:
            case "start":
                changes |= {"stage_done": line["step"], "stage_whole": line["steps"]}
            case "step":
                changes["stage_done"] = line["step"]
            case "drafting":
                changes |= {"stage_done": line["done"], "stage_whole": line["total"]}
    TrainingRun.objects.filter(pk=run.pk).update(**changes)


def begin_stage(run: TrainingRun, stage: int) -> None:
    """Of cross-fitting: see TrainingRun.stage."""
    moved = TrainingRun.objects.active().filter(pk=run.pk)
    if not moved.update(stage=stage, stage_done=0, stage_whole=0):
        raise RunEnded(f"Run {run.pk} was ended from outside.")


def advance(run: TrainingRun, to: str) -> None:
    """Go one active state further, unless the run has been ended meanwhile."""
    moved = TrainingRun.objects.active().filter(pk=run.pk)
    if not moved.update(state=to, heartbeat_at=timezone.now()):
        raise RunEnded(f"Run {run.pk} was ended from outside.")
    run.state = to


class RunEnded(Exception):
    """The run is no longer active: cancelled, or failed by the sweeper."""


def finish(run: TrainingRun) -> None:
    """The coach is registered and evaluated."""
    _end(run, State.READY)


def fail(run: TrainingRun, problem: str, log: str = "", cause: str = "") -> None:
    """End a run with one sentence of why, and the last lines of its log.

    `cause`: a training.causes.Cause, where it is known.
    """
    tail = log.replace("\0", "\ufffd")[-LOG_TAIL_CHARS:]
    _end(run, State.FAILED, problem=problem, cause=cause, log_tail=tail)


def cancelled(run: TrainingRun) -> None:
    """The worker has stopped the recipe after someone asked for it."""
    _end(run, State.CANCELLED)


def _end(run: TrainingRun, state: str, **changes: Any) -> None:
    TrainingRun.objects.active().filter(pk=run.pk).update(
        state=state, ended_at=timezone.now(), **changes
    )
    run.refresh_from_db()


def cancel(*, run: TrainingRun) -> None:
    """Stop a run: at once if it waits, at its next heartbeat if it works."""
    waiting = TrainingRun.objects.filter(pk=run.pk, state=State.QUEUED)
    if not waiting.update(state=State.CANCELLED, ended_at=timezone.now()):
        TrainingRun.objects.active().filter(pk=run.pk).update(cancel_asked=True)
    run.refresh_from_db()


class NotResumable(ValueError):
    """The run cannot go on; the message says why."""


@transaction.atomic
def resume(*, run: TrainingRun) -> TrainingRun:
    """Queue a run that failed or was cancelled again: it goes on from its last
    checkpoint where the worker still has it, else from the start.

    NotResumable if it did not end so, RunWaits if another of the scope waits.
    """
    registry.lock(run.scope)
    run.refresh_from_db()
    if run.state not in RESUMABLE:
        raise NotResumable(
            gettext("Run %(run)s is %(state)s.")
            % {"run": run.pk, "state": run.get_state_display()}
        )
    refuse_a_second(run.scope)
    TrainingRun.objects.filter(pk=run.pk).update(
        state=State.QUEUED,
        cancel_asked=False,
        stage=0,
        started_at=None,
        ended_at=None,
        heartbeat_at=None,
        problem="",
        cause="",
        log_tail="",
    )
    run.refresh_from_db()
    return run


RESUMABLE = (State.FAILED, State.CANCELLED)


def is_wanted(run: TrainingRun) -> bool:
    """Whether the worker should go on: still active, and nobody asked to stop."""
    return TrainingRun.objects.active().filter(pk=run.pk, cancel_asked=False).exists()


def fail_silent() -> int:
    """Fail runs whose worker has stopped beating; how many there were."""
    limit = timezone.now() - timedelta(minutes=settings.RUN_SILENT_MINUTES)
    return (
        TrainingRun.objects.active()
        .filter(heartbeat_at__lt=limit)
        .update(
            state=State.FAILED,
            ended_at=timezone.now(),
            cause=Cause.WORKER_GONE,
            problem=(
                f"The training worker has not been heard of for "
                f"{settings.RUN_SILENT_MINUTES} minutes: it was stopped or has "
                f"crashed. Train again once a worker runs."
            ),
        )
    )
