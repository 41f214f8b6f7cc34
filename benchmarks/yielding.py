"""Do people wait longer for their next pair while the engine drafts at full pace?

    ./coachlm benchmark yielding [pairs] [annotators] [seconds] [pace] [rounds]

The people and pairs of `claiming`, twice a round (2): beside an engine with nothing to
do, and beside the same one while it revises a dataset with the shipped coach. Prints
both, their ratio at the 95th percentile, and what the engine wrote meanwhile; the
engine's pace with nobody at work is printed beside it.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import claiming
from benchmarks.own_database import own_database

DATASET = 5_000
"""Rows: more than are revised meanwhile."""


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    defaults = [20_000, 20, 60, 6, 2]
    count, people, seconds, pace, rounds = (given + defaults[len(given) :])[:5]
    os.environ.setdefault("COACHLM_MODELS", str(Path("var/models").resolve()))
    with own_database() as folder:
        from annotator.config.embedded import EmbeddedValkey

        valkey = EmbeddedValkey(folder / "valkey")
        try:
            os.environ["CELERY_BROKER_URL"] = valkey.start()
            claiming.fill(count, people)
            with workers(folder), claiming.served():
                alone = begin_a_dataset(folder, seconds=20)
                print(f"drafting alone: {alone:.2f} pairs/s", flush=True)
                compare(claiming.enter(people), seconds, pace, rounds)
        finally:
            valkey.stop()


def compare(
    annotators: Sequence[claiming.Annotator], seconds: int, pace: int, rounds: int
) -> None:
    waits: dict[bool, list[float]] = {False: [], True: []}
    written = 0
    for _ in range(rounds):
        for drafts in (False, True):
            let_draft(wanted=drafts)
            before = done()
            found, _overview = claiming.let_work(annotators, seconds, pace)
            waits[drafts] += found
            written += done() - before
    people, cores = len(annotators), os.cpu_count()
    print(f"{people} annotators, {cores} cores, {rounds} x {seconds} s each")
    claiming.show("submit -> next pair, engine idle", waits[False], rounds * seconds)
    claiming.show("the same, engine drafting", waits[True], rounds * seconds)
    ratio = percentile_95(waits[True]) / percentile_95(waits[False])
    pairs = written / (rounds * seconds)
    print(f"p95, drafting / idle: {ratio:.2f}; drafted meanwhile: {pairs:.2f} pairs/s")


def percentile_95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100, method="inclusive")[94]


@contextmanager
def workers(folder: Path) -> Iterator[None]:
    """Those that draft and store, as `up` starts them."""
    from annotator.config import processes

    with (folder / "workers.log").open("wb") as log:  # shown if nothing comes
        started = [
            subprocess.Popen(
                processes.worker(queue),
                env=processes.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for queue in ("app", "engine")
        ]
        try:
            yield
        finally:
            for each in started:
                each.terminate()
            for each in started:
                each.wait()


def begin_a_dataset(folder: Path, *, seconds: int) -> float:
    """Have a dataset revised, wait for its first rows, and time the next ones."""
    from annotator.models import Project, User
    from annotator.services import projects, rewriting
    from training.selectors import active_coach

    project = Project.objects.create(slug="dataset", name="dataset")
    projects.adopt_shipped_coach(project)
    coach = active_coach(project.scope)
    if coach is None:
        raise SystemExit("The shipped coach is not here: run ./coachlm install first.")
    words = random.Random(5)
    rows = [
        {"instruction": claiming.text(words, 25), "response": claiming.text(words, 120)}
        for _ in range(DATASET)
    ]
    actor = User.objects.create_superuser("bench-admin")
    rewriting.start(
        project=project,
        actor=actor,
        coach=coach,
        name="dataset.json",
        rows=rewriting.rows_of_objects(rows),
    )
    let_draft(wanted=True)
    for _ in range(120):
        if before := done():
            time.sleep(seconds)
            return (done() - before) / seconds
        time.sleep(0.5)
    told = (folder / "workers.log").read_text(errors="replace")
    raise SystemExit(f"The engine wrote nothing within a minute:\n{told}")


def let_draft(*, wanted: bool) -> None:
    """Go on with the dataset, or rest until the engine has nothing to do."""
    from annotator.config.celery import app
    from annotator.models import Rewrite

    rewrite = Rewrite.objects.get()
    rewrite.state = Rewrite.State.RUNNING if wanted else Rewrite.State.PAUSED
    rewrite.save()
    if wanted:
        app.send_task("annotator.rewrite_next", [rewrite.pk])
        time.sleep(5)
        return
    before = -1
    while before != done():
        before = done()
        time.sleep(6)


def done() -> int:
    from annotator.models import RewriteRow

    return RewriteRow.objects.filter(state=RewriteRow.State.DONE).count()


if __name__ == "__main__":
    main()
