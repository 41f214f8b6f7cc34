"""A recipe that is killed in the middle of a run goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from annotator.domain.roles import Role
from annotator.services import snapshotting
from tests import factories, world
from training.models import TrainingRun
from training.services import launching, runs

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


def test_a_killed_run_fails_with_its_cause_and_is_resumed(settings, tmp_path):
    world.prepare(settings, tmp_path)
    project = factories.make_project()
    ada = factories.make_member(project, Role.ADMIN)
    factories.import_rows(project, factories.rows(40, revised=True))
    plan = snapshotting.plan_for(
        project,
        selection="all",
        epochs=4,
        rank=2,
        batch_size=2,
        checkpoint_steps=3,
    )
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)
    kill_at(run, step=8)

    launching.carry_out(run.pk)
    run.refresh_from_db()
    before = dict(run.points.filter(kind="step").values_list("step", "loss"))
    runs.resume(run=run)
    launching.carry_out(run.pk)

    run.refresh_from_db()
    after = dict(run.points.filter(kind="step").values_list("step", "loss"))
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    assert 8 <= len(before) < run.steps == len(after)
    assert all(after[step] == loss for step, loss in before.items())


def kill_at(run: TrainingRun, step: int) -> None:
    """Have the recipe killed -9, once, when its log shows the step."""
    folder = runs.folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    script = (
        f"until grep -q '\"step\": {step},' {folder}/progress.jsonl; do sleep 0.02; "
        f"done; pkill -9 -P {os.getpid()} -f 'coach_lora {folder}'"
    )
    subprocess.Popen(["sh", "-c", script], preexec_fn=_ignore_hangup)


def _ignore_hangup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
