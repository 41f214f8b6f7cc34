"""A whole batch through the engine's pipeline, in the order in which it was asked."""

from __future__ import annotations

from collections.abc import Sequence

from revision_engine.backends.base import Backend
from revision_engine.pipeline import drafts
from revision_engine.types import CoachRef, DraftRequest, DraftResult


def draft_batch(
    coach: CoachRef, backend: Backend, requests: Sequence[DraftRequest]
) -> list[DraftResult]:
    made = {result.key: result for result in drafts(coach, backend, requests)}
    return [made[request.key] for request in requests]
