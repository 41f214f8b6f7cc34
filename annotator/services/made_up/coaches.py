"""The second and the third coach of the made-up history: run, measured, decided on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from annotator.models import Project, User
from annotator.services import drifting, promoting, snapshotting
from annotator.services.made_up.clock import Clock
from annotator.services.made_up.texts import Told, drafted
from revision_engine.types import PairText
from training.evaluation.metrics import recount
from training.evaluation.rule import Rule
from training.examples import RevisionExample, edit_distance
from training.models import CoachVersion, SnapshotItem, TrainingRun
from training.selectors import active_coach
from training.services import deciding, evaluations, registry, runs, snapshots

SECOND = 2
WHY = "Of twenty drafts that I read, far fewer have to be mended."
"""For the second coach, if the gate does not let it pass on so few pairs."""
STEPS = 120
STEP_SECONDS = 9.0


def make(
    project: Project,
    actor: User,
    clock: Clock,
    told: Mapping[PairText, Told],
    *,
    skill: float,
    beside: float,
) -> CoachVersion:
    """Train, measure and settle a coach as a run would, in made-up figures.

    `skill` and `beside` in [0, 1]: of the new coach and of the one that drafts now.
    Its adapter is that of the coach that drafts now, since nothing was trained.
    """
    plan = snapshotting.plan_for(project)
    queued = snapshotting.start_run(project=project, actor=actor, plan=plan)
    run = runs.begin(queued.pk)
    current = active_coach(project.scope)
    # Nothing else is at work while the history is made.
    assert run
    assert current
    clock.go_on(40)
    runs.advance(run, TrainingRun.State.TRAINING)
    for line in _curve(run.pk):
        clock.go_on(STEP_SECONDS)
        runs.record(run, [line])
    runs.advance(run, TrainingRun.State.EVALUATING)
    clock.go_on(300)
    number = CoachVersion.objects.filter(scope=project.scope).count() + 1
    ref = replace(current.ref, name=f"made-up coach {number}")
    coach = registry.register(scope=project.scope, ref=ref, name=ref.name, run=run)
    evaluation = evaluations.store(
        coach=coach,
        current=current,
        held_out_sha256=run.snapshot.sha256,
        report=_report(run, told, skill, beside),
        rule=Rule.from_dict(run.gate),
    )
    runs.finish(run)
    deciding.settle(run, coach, evaluation)
    if number == SECOND and active_coach(project.scope) != coach:
        clock.go_on(1800)
        promoting.promote(project=project, actor=actor, coach=coach, reason=WHY)
    drifting.check(project)
    return coach


def _curve(seed: int) -> Iterator[dict[str, Any]]:
    """Lines as the recipe logs them: a loss that falls and flattens."""
    noise = random.Random(f"curve-{seed}")  # noqa: S311 - no secret
    yield {"kind": "start", "step": 0, "steps": STEPS}
    for step in range(6, STEPS + 1, 6):
        loss = 1.1 + 0.9 * math.exp(-step / 35)
        at = {"step": step, "epoch": 2 * step / STEPS}
        yield {
            "kind": "step",
            **at,
            "loss": loss + noise.gauss(0, 0.03),
            "rate": 2e-4 * (1 - step / STEPS),
            "tokens": 1500 * step,
            "seconds": STEP_SECONDS * step / 6,
        }
        if step % 30 == 0:
            yield {"kind": "held_out", **at, "loss": loss + 0.08 + step / 2000}


def _report(
    run: TrainingRun, told: Mapping[PairText, Told], skill: float, beside: float
) -> dict[str, Any]:
    examples = snapshots.examples_of(run.snapshot, *SnapshotItem.MEASURED)
    samples = [
        _sample(example, told[example.raw], skill, beside)
        for example in examples
        if example.raw in told
    ]
    return {
        "figures": [asdict(figure) for figure in recount(samples)],
        "samples": samples,
        "left_out": len(examples) - len(samples),
        "seconds": 290.0,
    }


def _sample(
    example: RevisionExample, known: Told, skill: float, beside: float
) -> dict[str, Any]:
    mine, theirs = (
        _side(example, drafted(known, each, example.fingerprint))
        for each in (skill, beside)
    )
    return {
        "source_id": example.source_id,
        "category": example.category,
        "raw": asdict(example.raw),
        "expert": asdict(example.revised),
        "distance_raw": edit_distance(example.raw, example.revised),
        "distance_draft": mine.pop("distance"),
        **mine,
        "current": theirs,
    }


def _side(example: RevisionExample, draft: PairText) -> dict[str, Any]:
    return {
        "draft": asdict(draft),
        "problem": "",
        "distance": edit_distance(draft, example.revised),
        "parseable": True,
        "loop": False,
        "loss": None,
        "tokens": 0,
    }
