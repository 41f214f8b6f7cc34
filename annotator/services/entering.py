"""A pair's first steps: screened, dealt to its arm, and stored with its history.

A chunk at a time, by COPY. What happens to stored pairs is the business of `workflow`;
here state and history are written for the first time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from annotator.database.copying import copy, numbers
from annotator.domain.actions import Action
from annotator.domain.bands import LengthBand, band_of
from annotator.domain.states import PairState
from annotator.formats import rules
from annotator.formats.rows import PairRow
from annotator.formats.rules import Exclusion
from annotator.models import AuditEvent, Batch, Pair
from annotator.services import dealing

PAIR_COLUMNS = (
    "id",
    "project_id",
    "batch_id",
    "row",
    "external_id",
    "category",
    "instruction",
    "input",
    "response",
    "extra",
    "fingerprint",
    "state",
    "state_since",
    "arm",
    "dealt_as",
    "priority",
    "suspicion",
    "opened",
    "to_judge",
    "exclusion_reason",
    "exclusion_note",
    "created_at",
)
EVENT_COLUMNS = (
    "pair_id",
    "actor_id",
    "action",
    "old_state",
    "new_state",
    "note",
    "at",
)


@dataclass(slots=True)
class Fresh:
    """A row whose pair the project does not have yet."""

    row: PairRow
    fingerprint: str
    length_band: LengthBand
    category: str
    pk: int = 0
    state: PairState = PairState.IMPORTED
    arm: str = ""
    dealt_as: int | None = None
    caught: Exclusion | None = None

    @classmethod
    def of(cls, fingerprint: str, row: PairRow) -> Fresh:
        chars = len(row.instruction) + len(row.input) + len(row.response)
        return cls(row, fingerprint, band_of(chars), row.category)


def store(batch: Batch, fresh: Sequence[Fresh], *, screened: Iterable[Fresh]) -> None:
    """Store pairs: of `screened`, those that a rule catches are set aside, the others
    queued, each in its arm. The rest is imported, and nothing more.

    To be called in a transaction, in which nobody else stores pairs of the project.
    """
    for pk, each in zip(numbers(Pair, len(fresh)), fresh, strict=True):
        each.pk = pk
    _screen(batch, screened)
    now = timezone.now()
    copy(Pair, PAIR_COLUMNS, (_pair(batch, each, now) for each in fresh))
    copy(AuditEvent, EVENT_COLUMNS, _events(fresh, now))


def _screen(batch: Batch, found: Iterable[Fresh]) -> None:
    wanted = []
    for each in found:
        each.caught = rules.screen(each.row.text)
        if each.caught:
            each.state = PairState.EXCLUDED
        else:
            wanted.append(each)
    for arm, members in dealing.deal(batch.pk, wanted).items():
        for each in members:
            each.state, each.arm = PairState.QUEUED, arm


def _pair(batch: Batch, each: Fresh, now: datetime) -> tuple[Any, ...]:
    row, caught = each.row, each.caught
    return (
        each.pk,
        batch.project_id,
        batch.pk,
        row.number,
        row.external_id,
        row.category,
        row.instruction,
        row.input,
        row.response,
        json.dumps(row.extra) if row.extra else "{}",
        each.fingerprint,
        each.state,
        now,
        each.arm,
        each.dealt_as,
        0,
        0,
        False,
        True,
        caught.reason if caught else "",
        caught.sentence if caught else "",
        now,
    )


def _events(fresh: Iterable[Fresh], now: datetime) -> Iterator[tuple[Any, ...]]:
    old = PairState.IMPORTED
    for each in fresh:
        if each.caught:
            note = each.caught.sentence
            yield (each.pk, None, Action.EXCLUDED_BY_RULE, old, each.state, note, now)
        elif each.state == PairState.QUEUED:
            yield (each.pk, None, Action.QUEUED, old, each.state, "", now)
