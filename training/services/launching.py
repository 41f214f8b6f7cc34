"""Run the recipe and the evaluation as processes of their own, and keep what they say.

The worker that calls `carry_out` never loads torch: a crash or a cancel of the recipe
costs the run, not the worker.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from revision_engine import artefacts
from revision_engine.types import CoachRef
from training import causes
from training.evaluation.coaches import trained_on
from training.evaluation.rule import Rule
from training.manifest import START, Manifest, digest_file
from training.models import CoachVersion, SnapshotItem, TrainingRun
from training.selectors import active_coach
from training.services import deciding, evaluations, registry, runs, snapshots
from training.services.waiting import until_told

POLL_SECONDS = 1.0
EVALUATION = "training.evaluation.held_out"


class StepFailed(Exception):
    """A process of the run ended with a fault; the message is its last words."""

    def __init__(self, sentence: str, cause: str = "") -> None:
        super().__init__(sentence)
        self.cause = cause
        """As the process told it; empty if it told none."""


def carry_out(run_id: int) -> TrainingRun | None:
    """Take a queued run from its snapshot to a registered, evaluated coach.

    None if another worker has the run or the queue. Any fault of the recipe fails the
    run with one sentence; a cancel ends it as cancelled.
    """
    run = runs.begin(run_id)
    if run is None:
        return None
    try:
        _steps(run)
    except runs.RunEnded:
        until_told(lambda: runs.cancelled(run))
    except StepFailed as fault:
        words, cause = str(fault), fault.cause
        log = _log(runs.folder_of(run))
        until_told(lambda: runs.fail(run, words, log=log, cause=cause))
    except Exception as fault:
        runs.fail(run, f"{type(fault).__name__}: {fault}")
        raise
    return run


def _steps(run: TrainingRun) -> None:
    folder = runs.prepare(run)
    _lay_start(run, folder)
    until_told(lambda: runs.advance(run, TrainingRun.State.TRAINING))
    _follow(run, folder, [settings.TRAINING_RECIPE, str(folder)])
    until_told(lambda: runs.advance(run, TrainingRun.State.EVALUATING))
    current = until_told(lambda: active_coach(run.scope))
    command = [EVALUATION, str(folder), "--backend", settings.REVISION_BACKEND]
    if current:
        command += ["--current", str(_brought(current))]
    _follow(run, folder, command)
    _keep(run, folder, current)


def _lay_start(run: TrainingRun, folder: Path) -> None:
    """Copy the adapter that the run goes on from, with its papers, to its place."""
    if run.parent and not (folder / START).exists():
        _copy(_brought(run.parent), folder / START)


def _copy(adapter: Path, target: Path) -> None:
    """Copy an adapter's folder, whole or not at all."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(adapter, part)
    part.rename(target)


def _brought(coach: CoachVersion) -> Path:
    """The folder of a registered coach's adapter, on this machine."""
    store = Path(settings.COACH_STORE)
    artefacts.fetch(coach.adapter, coach.adapter_sha256, store)
    return store / coach.adapter


@transaction.atomic
def _keep(run: TrainingRun, folder: Path, current: CoachVersion | None) -> None:
    """Register the coach, store its evaluation, and carry out what the gate says."""
    coach = _register(run, folder)
    report = json.loads((folder / "evaluation.json").read_text())
    evaluation = evaluations.store(
        coach=coach,
        current=current,
        held_out_sha256=digest_file(folder / "held_out.jsonl"),
        report=report,
        rule=Rule.from_dict(run.gate),
    )
    runs.finish(run)
    deciding.settle(run, coach, evaluation)


def _follow(run: TrainingRun, folder: Path, module: Sequence[str]) -> None:
    """Run `python -m module`, storing its progress lines until it ends."""
    command = ["nice", "-n", "5", sys.executable, "-m", *module]
    progress, told = _tail(folder / "progress.jsonl"), list[dict[str, Any]]()
    with (folder / "recipe.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=settings.BASE_DIR,
            env={**os.environ, "COACHLM_MODELS": str(settings.MODELS_FOLDER)},
        )
        try:
            while process.poll() is None:
                time.sleep(POLL_SECONDS)
                told += _heard(run, next(progress))
                if not until_told(lambda: runs.is_wanted(run)):
                    raise runs.RunEnded(f"Run {run.pk} was stopped.")
            told += _heard(run, next(progress))
        finally:
            _stop(process)
    if process.returncode:
        raise _failure(told, folder, process.returncode)


def _heard(run: TrainingRun, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Store what a process logged; those of the lines that say why it failed."""
    until_told(lambda: runs.record(run, lines))
    return [line for line in lines if line["kind"] == "failed"]


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tail(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Each `next` gives the whole lines that have come since the last one.

    The first gives those since this call, before the process was started.
    """
    return _lines_from(path, path.stat().st_size if path.exists() else 0)


def _lines_from(path: Path, place: int) -> Iterator[list[dict[str, Any]]]:
    while True:
        lines: list[dict[str, Any]] = []
        if path.exists():
            with path.open("rb") as file:
                file.seek(place)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    place += len(line)
                    lines.append(json.loads(line))
        yield lines


def _log(folder: Path) -> str:
    path = folder / "recipe.log"
    return path.read_text(errors="replace") if path.exists() else ""


def _failure(told: list[dict[str, Any]], folder: Path, code: int) -> StepFailed:
    """What the process told of its end; else what its end and its log tell."""
    if told:
        return StepFailed(told[-1]["sentence"], told[-1]["cause"])
    if code < 0:
        return StepFailed(_of_signal(-code))
    words = causes.last_words(_log(folder))
    return StepFailed(words[:500] or f"The process ended with code {code}.")


def _of_signal(number: int) -> str:
    if number == signal.SIGKILL:
        return (
            f"The process was killed by signal {number}: by a person, or by the system "
            f"because memory ran out. A smaller micro_batch_tokens needs less."
        )
    name = signal.strsignal(number) or "unknown"
    return f"The process was ended by signal {number} ({name})."


def _register(run: TrainingRun, folder: Path) -> CoachVersion:
    """Put the adapter and its papers into the store and give it a number."""
    config = run.config
    adapter = folder / "adapter"
    sha256 = digest_file(adapter / "adapter_model.safetensors")
    train = snapshots.examples_of(run.snapshot, SnapshotItem.Role.TRAIN)
    report = json.loads((folder / "evaluation.json").read_text())
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


def install(adapter: Path) -> CoachRef:
    """Copy an adapter with its manifest into the store, under its digest.

    Raises ValueError, naming the field, if the papers do not fit the weights.
    """
    papers = Manifest.read(adapter)
    key = papers.adapter_sha256[:32]
    target = Path(settings.COACH_STORE) / key
    if not target.exists():
        _copy(adapter, target)
    artefacts.publish(key, target)
    return CoachRef(
        name=papers.name,
        base_model=papers.base_model,
        base_revision=papers.base_revision,
        adapter=key,
        adapter_sha256=papers.adapter_sha256,
        prompt=papers.prompt,
        wording=papers.wording,
    )
