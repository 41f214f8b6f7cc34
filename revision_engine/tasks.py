"""The engine's one Celery doorway: needs the broker and the adapters, no database."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from revision_engine.backends.base import Backend
from revision_engine.pipeline import draft_batch
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
