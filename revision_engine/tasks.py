"""The engine's one Celery doorway: needs the broker and the adapters, no database."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from revision_engine.backends.base import Backend
from revision_engine.pipeline import draft_batch, draft_live
from revision_engine.types import CoachRef, DraftRequest

logger = logging.getLogger(__name__)


@shared_task(name="revision_engine.generate_drafts", acks_late=True)
def generate_drafts(
    coach: dict[str, Any], requests: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Draft a batch. A coach that cannot be loaded raises: its pairs are taken back
    by the sweeper, and no outage passes for a draft."""
    ref = CoachRef.from_dict(coach)
    backend = _backend_of(ref)
    results = draft_batch(
        ref, backend, [DraftRequest.from_dict(request) for request in requests]
    )
    return [result.as_dict() for result in results]


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
        return _backend(settings.REVISION_BACKEND, str(settings.COACH_STORE), coach)
    except Exception as fault:
        logger.error("The coach %r cannot be loaded: %s", coach.name, fault)
        raise


@lru_cache(maxsize=2)
def _backend(path: str, store: str, coach: CoachRef) -> Backend:
    backend: Backend = import_string(path)(coach, Path(store))
    return backend
