"""The engine's one Celery doorway: needs the broker and the adapters, no database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.utils.module_loading import import_string

from revision_engine import artefacts
from revision_engine.backends.base import Backend
from revision_engine.pipeline import draft_live, drafts
from revision_engine.types import CoachRef, DraftRequest, DraftResult

logger = logging.getLogger(__name__)
SEND_EVERY = 2.0
"""Seconds for which finished drafts are gathered into one message."""
stopping = threading.Event()
"""Set when the worker has been told to stop."""


@shared_task(name="revision_engine.generate_drafts", acks_late=True)
def generate_drafts(
    coach: dict[str, Any],
    requests: list[dict[str, Any]],
    *,
    send_to: str = "",
    send_with: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Draft a batch, and give back the results.

    With `send_to`, the name of a task, results go there as they come, a few at a time,
    with `send_with` beside them, and nothing is given back. Such a batch is handed
    back when the worker is told to stop: what is not drafted becomes a new message.
    A coach that cannot be loaded raises: its pairs are taken back by the sweeper, and
    no outage passes for a draft.
    """
    ref = CoachRef.from_dict(coach)
    wanted = [DraftRequest.from_dict(request) for request in requests]
    results = drafts(ref, _backend_of(ref), wanted)
    if not send_to:
        made = {result.pair_id: result for result in results}
        return [made[request.pair_id].as_dict() for request in wanted]
    left = _send_on(results, {r.pair_id for r in wanted}, send_to, send_with or {})
    if left:
        rest = [request for request in requests if request["pair_id"] in left]
        generate_drafts.delay(coach, rest, send_to=send_to, send_with=send_with)
    return []


def _send_on(
    results: Iterator[DraftResult],
    left: set[str],
    send_to: str,
    send_with: dict[str, Any],
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
        left.discard(result.pair_id)
        if stopping.is_set():
            break
        if time.monotonic() - sent_at >= SEND_EVERY:
            send()
            sent_at = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    send()
    return left


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.set()


@shared_task(name="revision_engine.write_candidate", acks_late=True)
def write_candidate(
    coach: dict[str, Any], request: dict[str, Any], *, seed: int
) -> None:
    """Write one draft that a person waits for, and send it on as it grows.

    Answers go to the queue `app` by name, for the engine knows no database.
    """
    ref, wanted = CoachRef.from_dict(coach), DraftRequest.from_dict(request)
    candidate = int(wanted.pair_id)

    def tell(text: str) -> None:
        current_app.send_task("annotator.hear_candidate", (candidate, text))

    result = draft_live(ref, _backend_of(ref), wanted, seed=seed, tell=tell)
    current_app.send_task("annotator.store_candidate", (result.as_dict(),))


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
