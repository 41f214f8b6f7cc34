"""The engine's one Celery doorway: needs the broker and the adapters, no database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

from celery import Task, current_app, shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from revision_engine import artefacts, stopping
from revision_engine.backends.base import Backend
from revision_engine.pipeline import draft_live, drafts
from revision_engine.pulse import beating
from revision_engine.types import CoachRef, DraftRequest, DraftResult

logger = logging.getLogger(__name__)
SEND_EVERY = 2.0
"""Seconds for which finished drafts are gathered into one message."""


class Errand(TypedDict):
    """On whose behalf a batch is drafted, and the tasks that hear of it."""

    number: int
    hear: str
    """Called with the number: the work goes on; with `failed`, it does not."""
    hand_back: str
    """Called with the number and the keys that are not drafted; with `died`, since
    another engine had them and did not come back."""


@shared_task(name="revision_engine.generate_drafts", bind=True, acks_late=True)
def generate_drafts(
    self: Task,
    coach: dict[str, Any],
    requests: list[dict[str, Any]],
    *,
    send_to: str = "",
    send_with: dict[str, Any] | None = None,
    errand: Errand | None = None,
) -> list[dict[str, Any]]:
    """Draft a batch, and give back the results.

    With `send_to`, the name of a task, results go there as they come, a few at a time,
    with `send_with` beside them, and nothing is given back. Who sent it on an `errand`
    is told that the work goes on, that it failed, and what is handed back since the
    worker is told to stop. A message that another engine has had before
    is not drafted: what killed that one might kill this one. A coach that cannot be
    loaded raises: no outage passes for a draft.
    """
    pairs = {request["key"] for request in requests}
    if errand and _had_by_another(self):
        _tell(errand["hand_back"], (errand["number"], sorted(pairs)), {"died": True})
        return []
    with _signs_of(errand) as further:
        ref = CoachRef.from_dict(coach)
        wanted = [DraftRequest.from_dict(request) for request in requests]
        results = drafts(ref, _backend_of(ref), wanted)
        if not send_to:
            made = {result.key: result for result in results}
            return [made[request.key].as_dict() for request in wanted]
        left = _send_on(results, pairs, send_to, send_with or {}, further)
    if left and errand:
        _tell(errand["hand_back"], (errand["number"], sorted(left)))
    return []


def _had_by_another(task: Task) -> bool:
    """Whether the broker has given out this message before."""
    return bool((task.request.delivery_info or {}).get("redelivered"))


@contextmanager
def _signs_of(errand: Errand | None) -> Iterator[Callable[[], None]]:
    if not errand:
        yield lambda: None
        return
    hear, about = errand["hear"], (errand["number"],)
    every = settings.ENGINE_SILENT_SECONDS / 4
    with beating(lambda: _tell(hear, about), every=every) as further:
        try:
            yield further
        except Exception:
            _tell(hear, about, {"failed": True})
            raise


def _tell(
    task: str, about: tuple[Any, ...], more: dict[str, Any] | None = None
) -> None:
    """Send a task by its name, for the engine knows no database."""
    try:
        current_app.send_task(task, about, more or {})
    except OperationalError as fault:
        logger.warning("The broker is away: %s is not told. %s", task, fault)


def _send_on(
    results: Iterator[DraftResult],
    left: set[str],
    send_to: str,
    send_with: dict[str, Any],
    further: Callable[[], None],
) -> set[str]:
    """Send results on as they come; the pairs that are left when the worker stops."""
    kept: list[dict[str, Any]] = []
    sent_at = time.monotonic()

    def send() -> None:
        if kept:
            current_app.send_task(send_to, (kept.copy(),), send_with)
            kept.clear()

    for result in results:
        kept.append(result.as_dict())
        left.discard(result.key)
        further()
        if stopping.told.is_set():
            break
        if time.monotonic() - sent_at >= SEND_EVERY:
            send()
            sent_at = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    send()
    return left


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.told.set()


@shared_task(name="revision_engine.write_candidate", bind=True, acks_late=True)
def write_candidate(
    self: Task,
    coach: dict[str, Any],
    request: dict[str, Any],
    *,
    seed: int,
    hear: str,
    send_to: str,
) -> None:
    """Write one draft that a person waits for.

    The task named `hear` gets what there is of it while it grows, `send_to` the whole.
    A message that another engine has had before is left: the app asks anew.
    """
    if _had_by_another(self):
        return
    ref, wanted = CoachRef.from_dict(coach), DraftRequest.from_dict(request)
    candidate = int(wanted.key)
    so_far = ""

    def tell(text: str) -> None:
        nonlocal so_far
        so_far = text
        _tell(hear, (candidate, so_far))

    with beating(lambda: tell(so_far), every=settings.ENGINE_SILENT_SECONDS / 4):
        result = draft_live(ref, _backend_of(ref), wanted, seed=seed, tell=tell)
    current_app.send_task(send_to, (result.as_dict(),))


def _backend_of(coach: CoachRef) -> Backend:
    try:
        store = Path(settings.COACH_STORE)
        artefacts.fetch(coach.adapter, coach.adapter_sha256, store)
        return _backend(settings.REVISION_BACKEND, str(settings.COACH_STORE), coach)
    except Exception as fault:
        logger.error("The coach %r cannot be loaded: %s", coach.name, fault)
        raise


@lru_cache(maxsize=2)
def _backend(path: str, store: str, coach: CoachRef) -> Backend:
    backend: Backend = import_string(path)(coach, Path(store))
    return backend
