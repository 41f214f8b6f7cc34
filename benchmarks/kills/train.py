"""Have a run train: the first one, or the last one again, as soon as it has failed.

Run as a process of its own, since it reads the settings of the `up` it asks.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import django

from benchmarks.kills.fill import SLUG

if TYPE_CHECKING:
    from training.models import TrainingRun

FAILED_SECONDS = 100
"""A run whose worker was killed, too, has failed after a minute of silence."""


def main() -> None:
    from annotator.models import Project
    from training.models import TrainingRun
    from training.services import runs

    scope = Project.objects.get(slug=SLUG).scope
    if not TrainingRun.objects.exists():
        queue_first(scope)
        return
    limit = time.monotonic() + FAILED_SECONDS
    while time.monotonic() < limit:
        run = TrainingRun.objects.get()
        if run.state in runs.RESUMABLE:
            print(f"Run {run.pk} failed at step {run.step}: {run.problem}", flush=True)
            runs.resume(run=run)
            return
        time.sleep(0.2)


def queue_first(scope: str) -> TrainingRun:
    """A run on a handful of examples that say nothing."""
    from revision_engine.types import PairText
    from training.config import LoraConfig
    from training.examples import RevisionExample
    from training.selection import Selection
    from training.services import runs, snapshots

    texts = [PairText(instruction=f"Say {n}.", response=f"{n}") for n in range(20)]
    snapshot = snapshots.freeze(
        scope=scope,
        examples=[
            RevisionExample(source_id=text.response, raw=text, revised=text, distance=1)
            for text in texts
        ],
        selection=Selection(),
        query={},
        actor=None,
    )
    config = LoraConfig(base_model="none/none")
    return runs.enqueue(scope=scope, snapshot=snapshot, config=config, actor=None)


if __name__ == "__main__":
    django.setup()
    main()
