"""A real worker says that it lives, and is named when it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.core.cache import caches

from annotator.config import heartbeats, processes
from annotator.config.celery import app
from annotator.models import Part
from annotator.selectors import parts
from annotator.services import hearing
from tests import world

pytestmark = pytest.mark.process


def named() -> list[str]:
    """What is silent of all parts, the others being there."""
    for other in set(parts.NAMES) - {"interactive"}:
        hearing.hear(other)
    caches["process"].clear()
    return [each.name for each in parts.silent()]


def test_each_queue_of_a_worker_gives_its_own_sign(monkeypatch):
    sent = []
    monkeypatch.setattr(
        heartbeats.broker, "send", lambda name, queue, **_: sent.append((name, queue))
    )
    heartbeats._stopped.set()

    heartbeats._beat(["app", "engine"])

    heartbeats._stopped.clear()
    assert sent == [("annotator.hear_from", "app"), ("annotator.hear_from", "engine")]


def test_where_runs_are_trained_the_memory_and_the_precision_are_told(monkeypatch):
    sent = []
    monkeypatch.setattr(
        heartbeats.broker,
        "send",
        lambda name, queue, **more: sent.append((queue, more["kwargs"])),
    )
    monkeypatch.setattr(heartbeats.memory, "room", lambda: 8_000_000_000)
    monkeypatch.setattr(heartbeats.memory, "quantizes", lambda: False)
    heartbeats._stopped.set()

    heartbeats._beat(["app", "training"])

    heartbeats._stopped.clear()
    assert sent == [
        ("app", {}),
        ("training", {"memory": 8_000_000_000, "quantizes": False}),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_heard_while_it_lives_and_named_when_it_was_killed(
    tmp_path, monkeypatch
):
    app.control.purge()
    log = (tmp_path / "log").open("wb")
    env = {**os.environ, "COACHLM_VAR": str(tmp_path)}
    engine = subprocess.Popen(
        processes.worker("interactive"),
        env=env, cwd=settings.BASE_DIR, stdout=log, stderr=log,
    )  # fmt: skip
    with start_worker(app, pool="threads", queues=["app"], perform_ping_check=False):
        world.wait_for(lambda: Part.objects.filter(name="interactive").exists(), 60)
        heard = named()
        engine.send_signal(signal.SIGKILL)
        engine.wait()
        monkeypatch.setattr(parts, "SILENT_AFTER", timedelta(seconds=2))
        world.wait_for(lambda: named() == ["interactive"], 15)

    log.close()
    assert not heard
