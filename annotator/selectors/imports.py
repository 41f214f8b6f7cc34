"""How far an import is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from annotator.models import Batch

State = Batch.State


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """One import as it stands."""

    state: str
    share: float | None
    """Of the file's bytes, from 0 to 1; None where they are not known."""
    rows_per_second: float | None
    """Since it was begun; None before the first rows."""
    seconds_left: float | None
    """At the pace so far, by bytes."""

    @property
    def is_running(self) -> bool:
        return self.state in (State.WAITING, State.READING)


def progress(batch: Batch) -> ImportProgress:
    share = min(1.0, batch.read_bytes / batch.size) if batch.size else None
    pace = left = None
    if batch.started_at and batch.taken:
        took = ((batch.ended_at or timezone.now()) - batch.started_at).total_seconds()
        pace = batch.taken / took if took > 0 else None
        if share and batch.state == State.READING:
            left = took * (1 - share) / share
    return ImportProgress(batch.state, share, pace, left)
