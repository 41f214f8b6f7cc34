"""Drafts of a coach for examples of a file, each kept as soon as it is there."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from revision_engine.pipeline import drafts
from revision_engine.types import CoachRef, DraftRequest, DraftResult
from training.evaluation.done_lines import keep, kept
from training.examples import RevisionExample

LOCAL = "revision_engine.backends.local.LocalBackend"


def drafted(
    path: Path,
    examples: Sequence[RevisionExample],
    coach: CoachRef,
    store: Path,
    backend: str = LOCAL,
) -> Iterator[DraftResult]:
    """First the drafts that an earlier start has kept under `path`, then each as it is
    made. `store` holds the coach's adapter; `backend` is a dotted path."""
    todo = {example.source_id: example for example in examples}
    for row in kept(path, coach):
        draft = DraftResult.from_dict(row["draft"])
        if todo.pop(draft.key, None):
            yield draft
    if not todo:
        return
    engine = _class(backend)(coach, store)
    requests = [DraftRequest(key=key, text=e.raw) for key, e in todo.items()]
    for result in drafts(coach, engine, requests):
        keep(path, coach, draft=result.as_dict())
        yield result


def _class(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)
