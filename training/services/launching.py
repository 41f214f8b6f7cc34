"""Run the recipe and the evaluation as processes of their own, and keep what they say.

The worker that calls `carry_out` never loads torch: a crash or a cancel of the recipe
costs the run, not the worker.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from revision_engine import artefacts
from revision_engine.types import CoachRef
from training import memory
from training.causes import Cause
from training.config import Learns, LoraConfig
from training.evaluation.coaches import trained_on
from training.evaluation.rule import Rule
from training.manifest import START, Manifest, digest_file
from training.models import CoachVersion, SnapshotItem, TrainingRun
from training.run_logs.following import RunLogs, following
from training.run_logs.sinks import RunAbout, Sink, Trackers, sinks
from training.selectors import active_coach
from training.services import (
    cross_fitting,
    deciding,
    estimating,
    evaluations,
    registry,
    runs,
    snapshots,
)
from training.services.following import Lines, StepFailed, follow, log_of
from training.services.waiting import until_told

EVALUATION = "training.evaluation.held_out"
UNLEARNED = "training.evaluation.unlearned"


def carry_out(run_id: int) -> TrainingRun | None:
    """Take a queued run from its snapshot to a registered, evaluated coach.

    None if another worker has the run or the queue. Any fault of the recipe fails the
    run with one sentence; a cancel ends it as cancelled.
    """
    run = runs.begin(run_id)
    if run is None:
        return None
    try:
        with following(_sinks(run)) as logs:
            _steps(run, logs)
    except runs.RunEnded:
        until_told(lambda: runs.cancelled(run))
    except StepFailed as fault:
        words, cause = str(fault), fault.cause
        log = log_of(runs.folder_of(run))
        until_told(lambda: runs.fail(run, words, log=log, cause=cause))
    except Exception as fault:
        runs.fail(run, f"{type(fault).__name__}: {fault}")
        raise
    return run


def _sinks(run: TrainingRun) -> list[Sink]:
    """Where the curves go beside the rows."""
    about = RunAbout(
        number=run.pk,
        scope=run.scope,
        folder=runs.folder_of(run),
        config=run.config,
    )
    trackers = Trackers(mlflow=settings.RUN_MLFLOW, wandb=settings.RUN_WANDB)
    return sinks(about, trackers)


def _steps(run: TrainingRun, logs: RunLogs) -> None:
    folder = runs.prepare(run)
    if run.trains:
        _check_memory(run)
        _lay_start(run, folder)
        until_told(lambda: runs.advance(run, TrainingRun.State.TRAINING))
        _follow(run, folder, [_recipe(run), str(folder)], logs)
        _cross_fit(run, folder)
    else:
        _lay_adapter(run, folder)
    until_told(lambda: runs.advance(run, TrainingRun.State.EVALUATING))
    current = until_told(lambda: active_coach(run.scope))
    command = [EVALUATION, str(folder), "--backend", settings.REVISION_BACKEND]
    if current:
        command += ["--current", str(brought(current))]
    _follow(run, folder, command, logs)
    logs.evaluated(_report(folder)["figures"], time.time())
    _keep(run, folder, current)
    cross_fitting.clear(folder)


def _cross_fit(run: TrainingRun, folder: Path) -> None:
    """Have coaches of parts draft the other parts, if the run is asked to; each part
    goes on from where a kill left it."""
    parts = cross_fitting.parts_of(run, folder) if runs.folds(run) else []
    if not parts:
        return
    until_told(lambda: runs.advance(run, TrainingRun.State.CROSS_FITTING))
    drafting = ["--backend", settings.REVISION_BACKEND]
    for number, part in enumerate(parts):
        cross_fitting.lay_out(part, run, folder)
        place = str(part.folder)
        _follow_stage(run, part.folder, 2 * number + 1, [_recipe(run), place])
        command = [UNLEARNED, place, *drafting]
        _follow_stage(run, part.folder, 2 * number + 2, command)
        until_told(partial(cross_fitting.keep, part, run))


def _follow_stage(
    run: TrainingRun, folder: Path, stage: int, module: Sequence[str]
) -> None:
    until_told(lambda: runs.begin_stage(run, stage))

    def heard(lines: Lines) -> None:
        until_told(lambda: runs.record_stage(run, lines))
        _check_wanted(run)

    follow(folder, module, heard)


def _check_wanted(run: TrainingRun) -> None:
    if not until_told(lambda: runs.is_wanted(run)):
        raise runs.RunEnded(f"Run {run.pk} was stopped.")


def _recipe(run: TrainingRun) -> str:
    second = runs.learns(run) == Learns.PREFERENCES
    return settings.PREFERENCE_RECIPE if second else settings.TRAINING_RECIPE


def _check_memory(run: TrainingRun) -> None:
    """Refuse what cannot fit on this machine, before hours are lost in swapping."""
    config = LoraConfig.from_dict(run.config)
    if why := memory.refusal(config, memory.need(config), memory.room()):
        raise StepFailed(why, Cause.MEMORY)


def _lay_start(run: TrainingRun, folder: Path) -> None:
    """Copy the adapter that the run goes on from, with its papers, to its place."""
    if run.parent and not (folder / START).exists():
        _copy(brought(run.parent), folder / START)


def _lay_adapter(run: TrainingRun, folder: Path) -> None:
    """Copy the adapter that came in to where a run's own would lie."""
    if not (folder / "adapter").exists():
        _copy(brought(run.coach), folder / "adapter")


def _copy(adapter: Path, target: Path) -> None:
    """Copy an adapter's folder, whole or not at all."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(adapter, part)
    part.rename(target)


def brought(coach: CoachVersion) -> Path:
    """The folder of a registered coach's adapter, on this machine."""
    store = Path(settings.COACH_STORE)
    artefacts.fetch(coach.adapter, coach.adapter_sha256, store)
    return store / coach.adapter


@transaction.atomic
def _keep(run: TrainingRun, folder: Path, current: CoachVersion | None) -> None:
    """Register the coach, store its evaluation, and carry out what the gate says."""
    coach = _register(run, folder) if run.trains else run.coach
    report = _report(folder)
    evaluation = evaluations.store(
        coach=coach,
        current=current,
        held_out_sha256=digest_file(folder / "held_out.jsonl"),
        report=report,
        rule=Rule.from_dict(run.gate),
    )
    estimating.refit(coach)
    runs.finish(run)
    deciding.settle(run, coach, evaluation)


def _report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "evaluation.json").read_text())
    return report


def _follow(
    run: TrainingRun, folder: Path, module: Sequence[str], logs: RunLogs
) -> None:
    """Run `python -m module`, storing its progress lines until it ends."""

    def heard(lines: Lines) -> None:
        logs.hear(lines)
        until_told(lambda: runs.record(run, lines))
        _check_wanted(run)

    follow(folder, module, heard)


def _register(run: TrainingRun, folder: Path) -> CoachVersion:
    """Put the adapter and its papers into the store and give it a number."""
    config = run.config
    adapter = folder / "adapter"
    sha256 = digest_file(adapter / "adapter_model.safetensors")
    train = snapshots.examples_of(run.snapshot, SnapshotItem.Role.TRAIN)
    report = _report(folder)
    Manifest.of(
        name=f"run {run.pk}",
        config=config,
        adapter_sha256=sha256,
        snapshot_sha256=run.snapshot.sha256,
        fingerprints=[
            *(example.fingerprint for example in train),
            *trained_on(folder / START),
        ],
        figures=report["figures"],
    ).write(adapter)
    ref = install(adapter)
    return registry.register(scope=run.scope, ref=ref, run=run)


def keep(adapter: Path, key: str) -> None:
    """Copy an adapter's folder into the store under a key that tells its content."""
    target = Path(settings.COACH_STORE) / key
    if not target.exists():
        _copy(adapter, target)
    artefacts.publish(key, target)


def install(adapter: Path) -> CoachRef:
    """Copy an adapter with its manifest into the store, under its digest.

    Raises ValueError, naming the field, if the papers do not fit the weights.
    """
    papers = Manifest.read(adapter)
    key = papers.adapter_sha256[:32]
    keep(adapter, key)
    return CoachRef(
        name=papers.name,
        base_model=papers.base_model,
        base_revision=papers.base_revision,
        adapter=key,
        adapter_sha256=papers.adapter_sha256,
        prompt=papers.prompt,
        wording=papers.wording,
    )
