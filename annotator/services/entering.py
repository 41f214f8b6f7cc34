"""A pair's first steps: screened, dealt to its arm, and stored with its history.

A chunk at a time, by COPY. What happens to stored pairs is the business of `workflow`;
here state and history are written for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from annotator.database.copying import copy_lines, keys_are_known, numbers
from annotator.domain.actions import Action
from annotator.domain.bands import LengthBand
from annotator.domain.states import PairState
from annotator.formats.copy_text import NULL, line_of
from annotator.formats.prepared import LINE, Chunk, Prepared
from annotator.formats.rules.outcomes import Exclusion
from annotator.models import AuditEvent, Batch, Pair, StaleHour
from annotator.services import dealing

FIRST = (
    "id",
    "state",
    "arm",
    "dealt_as",
    "exclusion_reason",
    "exclusion_note",
    "project_id",
    "batch_id",
    "state_since",
    "created_at",
    "priority",
    "suspicion",
    "opened",
    "to_judge",
)
"""The columns of a pair that its row does not say."""
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

    prepared: Prepared
    fingerprint: str
    length_band: LengthBand
    category: str
    pk: int = 0
    state: PairState = PairState.IMPORTED
    arm: str = ""
    dealt_as: int | None = None
    caught: Exclusion | None = None

    @classmethod
    def of(cls, prepared: Prepared) -> Fresh:
        return cls(
            prepared, prepared.fingerprint, prepared.length_band, prepared.category
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """A chunk, and what can be said of it before one knows which pairs are here."""

    chunk: Chunk
    first: dict[str, Fresh]
    """The first row of each pair, by its fingerprint, in the order of the file."""
    places: dict[str, float]
    """Where the deal puts them."""

    @classmethod
    def of(cls, batch_id: int, chunk: Chunk) -> Ready:
        first: dict[str, Fresh] = {}
        for row in chunk.pairs:
            if row.fingerprint not in first:
                first[row.fingerprint] = Fresh.of(row)
        return cls(chunk, first, dealing.places_of(batch_id, first))


def store(
    batch: Batch,
    fresh: Sequence[Fresh],
    *,
    screened: Iterable[Fresh],
    places: Mapping[str, float] | None = None,
) -> None:
    """Store pairs: of `screened`, those that a rule catches are set aside, the others
    queued, each in its arm. The rest is imported, and nothing more. `places`: as
    `dealing.deal` takes them.

    To be called in a transaction, in which nobody else stores pairs of the project.
    """
    for pk, each in zip(numbers(Pair, len(fresh)), fresh, strict=True):
        each.pk = pk
    _screen(batch, screened, places)
    now = timezone.now()
    with keys_are_known():
        copy_lines(Pair, (*FIRST, *LINE), _pairs(batch, fresh, now))
        copy_lines(AuditEvent, EVENT_COLUMNS, _events(fresh, now))
    if fresh:  # the triggers that mark the hour slept
        hour = now.replace(minute=0, second=0, microsecond=0)
        StaleHour.objects.create(project_id=batch.project_id, hour=hour)


def _screen(
    batch: Batch, found: Iterable[Fresh], places: Mapping[str, float] | None
) -> None:
    wanted = []
    for each in found:
        each.caught = each.prepared.caught
        if each.caught:
            each.state = PairState.EXCLUDED
        else:
            wanted.append(each)
    for arm, members in dealing.deal(batch.pk, wanted, places).items():
        for each in members:
            each.state, each.arm = PairState.QUEUED, arm


def _pairs(batch: Batch, fresh: Iterable[Fresh], now: datetime) -> Iterator[str]:
    at = now.isoformat()
    alike = line_of((str(batch.project_id), str(batch.pk), at, at, "0", "0", "f", "t"))
    for each in fresh:
        caught, dealt = "\t", each.dealt_as
        if each.caught:
            caught = line_of((each.caught.reason, each.caught.sentence))
        yield (
            f"{each.pk}\t{each.state}\t{each.arm}\t{NULL if dealt is None else dealt}\t"
            f"{caught}\t{alike}\t{each.prepared.line}\n"
        )


def _events(fresh: Iterable[Fresh], now: datetime) -> Iterator[str]:
    old, at = PairState.IMPORTED.value, now.isoformat()
    queued = f"{NULL}\t{Action.QUEUED.value}\t{old}\t{PairState.QUEUED.value}\t\t{at}\n"
    for each in fresh:
        if each.caught:
            note = line_of((each.caught.sentence,))
            action = Action.EXCLUDED_BY_RULE.value
            yield (f"{each.pk}\t{NULL}\t{action}\t{old}\t{each.state}\t{note}\t{at}\n")
        elif each.state == PairState.QUEUED:
            yield f"{each.pk}\t{queued}"
