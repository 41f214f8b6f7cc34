"""The database is gone, or stopped: workers say so in a line a task, and go on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from annotator.config import families, processes
from annotator.config.celery import app
from annotator.database import connections
from annotator.database.connections import Connection, SilentDatabase
from annotator.database.standing import database
from annotator.models import Part
from benchmarks.kills.train import queue_first
from tests import world
from tests.doorway import Doorway
from tests.web_process import database_behind, port_of
from training.models import TrainingRun

pytestmark = pytest.mark.process

TOLD = "raised expected: DatabaseGone("


class Worker:
    """A real worker, whose way to the database can be shut."""

    def __init__(self, folder: Path, queue: str, **env: str) -> None:
        self.database = Doorway(port_of(settings.DATABASE_URL))
        self.place = folder / "worker.log"
        self.log = self.place.open("wb")
        self.process = subprocess.Popen(
            processes.worker(queue),
            env={
                **os.environ,
                "DATABASE_URL": database_behind(self.database),
                "COACHLM_VAR": str(folder),
                **env,
            },
            cwd=settings.BASE_DIR,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        world.wait_for(lambda: self.lines(" ready."), 60)

    def text(self) -> str:
        return self.place.read_text()

    def lines(self, words: str) -> int:
        return self.text().count(words)

    def hears(self) -> bool:
        """Whether it does a task that it is sent now."""
        name = str(uuid4())[:8]
        app.send_task("annotator.hear_from", [name])
        try:
            world.wait_for(lambda: Part.objects.filter(name=name).exists(), 5)
        except AssertionError:
            return False
        return True

    def end(self) -> None:
        self.database.open()
        families.end(families.group(self.process.pid), ask_with=signal.SIGKILL)
        self.process.wait()
        self.database.shut()
        self.log.close()


@pytest.fixture
def worker(transactional_db, tmp_path: Path) -> Iterator[Worker]:
    app.control.purge()
    running = Worker(tmp_path, "app")
    yield running
    running.end()
    app.control.purge()


@pytest.fixture
def trainer(transactional_db, tmp_path: Path) -> Iterator[Worker]:
    app.control.purge()
    running = Worker(
        tmp_path,
        "training",
        TRAINING_RECIPE="benchmarks.kills.recipe",
        DATABASE_SILENT_SECONDS="1",
    )
    yield running
    running.end()
    app.control.purge()


@pytest.mark.parametrize("fault", ["shut", "silence"])
def test_each_task_costs_a_line_and_tasks_are_done_again_afterwards(worker, fault):
    assert worker.hears()
    getattr(worker.database, fault)()

    for _ in range(6):
        app.send_task("annotator.keep_drafts_ahead")
    world.wait_for(lambda: worker.lines(TOLD) >= 6, 30)
    worker.database.open()

    world.wait_for(worker.hears, 30)
    assert worker.lines("Traceback") == 0
    assert 1 <= worker.lines("The database is gone") < 6
    assert worker.lines("The database is back") == worker.lines("The database is gone")
    told = re.findall(r"keep_drafts_ahead\[\S+ raised expected: (.*)", worker.text())
    assert len(told) == 6
    assert all("The database cannot be reached: " in line for line in told)


@pytest.mark.parametrize(("fault", "seconds"), [("shut", 3), ("silence", 10)])
def test_a_run_goes_on_while_the_database_is_away(trainer, fault, seconds):
    run = queue_first("project-1")
    app.send_task("training.train_coach", [run.pk], queue="training")
    world.wait_for(lambda: step_of(run) > 2, 30)

    getattr(trainer.database, fault)()
    time.sleep(seconds)
    before = step_of(run)
    trainer.database.open()

    world.wait_for(lambda: step_of(run) > before + 5, 30)
    steps = list(run.points.order_by("step").values_list("step", flat=True))
    assert steps == list(range(1, len(steps) + 1))  # what was said meanwhile, too
    assert run.state == TrainingRun.State.TRAINING
    assert trainer.lines("The run waits for the database") == 1


def step_of(run: TrainingRun) -> int:
    run.refresh_from_db()
    return run.step


@pytest.fixture
def door() -> Iterator[Doorway]:
    one = Doorway(port_of(settings.DATABASE_URL))
    yield one
    one.open()
    one.shut()
    database.found()  # this process's own database was there all the time


@pytest.fixture
def slept(db, door, settings) -> list[object]:
    """What comes of a query that takes three seconds, where two are a long silence."""
    settings.DATABASE_SILENT_SECONDS = 1
    return []


def run(door: Doorway, ends: list[object], seconds: int) -> threading.Thread:
    def ask() -> None:
        connection = Connection.connect(database_behind(door))
        try:
            connection.execute(f"SELECT pg_sleep({seconds})")
        except SilentDatabase as error:
            ends.append(error)
        else:
            ends.append("done")
        connection.close()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    time.sleep(0.5)
    return thread


def test_a_long_query_is_waited_for_while_the_server_answers_others(door, slept):
    thread = run(door, slept, 4)

    thread.join(timeout=20)

    assert slept == ["done"]


def test_a_query_of_a_stopped_server_is_given_up(door, slept, monkeypatch):
    monkeypatch.setattr(connections, "ASK_SECONDS", 2)
    thread = run(door, slept, 60)

    door.silence()
    thread.join(timeout=20)

    assert [type(each) for each in slept] == [SilentDatabase]
    assert database.is_out
