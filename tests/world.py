"""A whole deployment in one process: a worker, a tiny but real coach, real servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery.contrib.testing.worker import start_worker
from django.db import connections

from annotator.config.celery import app
from annotator.models import Project
from revision_engine import prompts
from revision_engine.types import CoachRef
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from training.config import LoraConfig
from training.manifest import Manifest
from training.models import CoachVersion
from training.services import registry

ADAPTER = "tiny-adapter"
QUEUES = ("app", "engine", "training")


def prepare(settings: Any, folder: Path) -> None:
    """Point the settings at a tiny base model and an adapter of it."""
    base = make_tiny_model(folder / "base")
    settings.BASE_MODEL = str(base)
    settings.REVISION_BACKEND = "revision_engine.backends.local.LocalBackend"
    settings.HELD_OUT_SHARE = 0.3
    settings.DRAFT_BATCH_SIZE = 4


def first_coach(settings: Any, project: Project) -> CoachVersion:
    """Register and promote a coach whose adapter lies in the store."""
    folder = Path(settings.COACH_STORE) / ADAPTER
    folder.parent.mkdir(parents=True, exist_ok=True)
    sha256 = make_tiny_adapter(Path(settings.BASE_MODEL), folder)
    config = LoraConfig(base_model=settings.BASE_MODEL, rank=4, lora_alpha=8)
    Manifest.of(
        name="tiny",
        config=config.as_dict(),
        adapter_sha256=sha256,
        snapshot_sha256="",
        fingerprints=[],
        figures=[],
    ).write(folder)
    ref = CoachRef(
        name="tiny",
        base_model=settings.BASE_MODEL,
        adapter=ADAPTER,
        adapter_sha256=sha256,
        prompt=prompts.DEFAULT,
        wording=prompts.PUBLISHED_WORDING,
    )
    coach = registry.register(scope=project.scope, ref=ref, name="first coach")
    registry.promote(coach=coach, actor=None)
    return coach


@contextmanager
def worker(queues: Sequence[str] = QUEUES) -> Iterator[None]:
    """A Celery worker of the queues, on the test's database and broker."""
    app.control.purge()
    with start_worker(
        app,
        pool="threads",
        concurrency=3,
        queues=list(queues),
        perform_ping_check=False,
        shutdown_timeout=60,
    ):
        yield
    connections.close_all()


def wait_for(what: Callable[[], Any], seconds: float = 120) -> Any:
    """The first true answer; AssertionError when it does not come in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
