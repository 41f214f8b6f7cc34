"""Read what was received: good rows become pairs, bad rows are kept with what is wrong.

The batch is the job. A chunk of rows and how far the file is read are stored in one
transaction, by the one reader whose name the row bears: who is killed is followed by
another one, which goes on behind the last chunk, and no row is stored twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice
from typing import BinaryIO
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.reading import UnreadableFile, read_pairs
from annotator.formats.rows import PairRow, Row
from annotator.models import Batch, Pair, Project, User
from annotator.services import entering, offering, ready_made, receiving
from annotator.services.accounting import Account
from annotator.services.entering import Fresh
from training.examples import fingerprint

logger = logging.getLogger(__name__)
CHUNK = 5_000
SILENT_SECONDS = 120
"""How long after its last chunk a reader counts as dead: a large JSON list is read
whole before its first row."""
MOST_TRIES = 3
"""Readers that may die on the same rows."""
State = Batch.State


def import_pairs(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    revised_as_accepted: bool = False,
) -> Batch:
    """Receive a file and read it at once.

    With `revised_as_accepted` a row's revised side becomes an accepted review; one that
    cannot (the pair is here already) or shall not is offered to the leads. Raises what
    `receiving.receive` raises; a fault behind the first rows is the batch's `problem`.
    """
    batch = receiving.receive(
        project=project,
        actor=actor,
        file=file,
        name=name,
        revised_as_accepted=revised_as_accepted,
    )
    read(batch.pk)
    batch.refresh_from_db()
    return batch


def to_read() -> list[int]:
    """Batches that wait, or whose reader has fallen silent; the oldest first."""
    found = Batch.objects.filter(_free()).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _free() -> Q:
    died = timezone.now() - timedelta(seconds=SILENT_SECONDS)
    return Q(state=State.WAITING) | Q(state=State.READING, heard_at__lt=died)


def read(batch_id: int, tell: Callable[[Batch], None] = lambda _: None) -> None:
    """Read a batch to its end, unless somebody else does or it is cancelled; `tell` is
    called after each chunk that is stored."""
    batch = _begin(batch_id)
    if batch is None:
        return
    try:
        with receiving.file_of(batch).open("rb") as file:
            _read(batch, file, tell)
    except UnreadableFile as fault:
        _fail(batch, str(fault))
    except OSError as fault:
        _fail(batch, f"The file cannot be read on this machine: {fault.strerror}.")


@transaction.atomic
def _begin(batch_id: int) -> Batch | None:
    free = Batch.objects.locked(skip=True).filter(_free(), pk=batch_id)
    batch = free.select_related("project").first()
    if batch is None:
        return None
    batch.tries += 1
    if batch.tries > MOST_TRIES:
        _end(batch, State.FAILED, "Three readers died on the same rows, one by one.")
        return None
    batch.state, batch.reader = State.READING, uuid4()
    batch.heard_at = timezone.now()
    batch.started_at = batch.started_at or batch.heard_at
    batch.save()
    return batch


def _read(batch: Batch, file: BinaryIO, tell: Callable[[Batch], None]) -> None:
    rows = read_pairs(file, name=batch.name)
    account = Account(batch)
    next(islice(rows, batch.taken, batch.taken), None)  # those that are stored
    while chunk := list(islice(rows, CHUNK)):
        if not _store(account, chunk, read_bytes=_place(file, batch)):
            return
        tell(batch)
    with transaction.atomic():
        if _is_mine(batch):
            _end(batch, State.DONE)


def _place(file: BinaryIO, batch: Batch) -> int:
    """Bytes that are read, or some more: readers take pieces."""
    return min(file.tell(), batch.size)


def _is_mine(batch: Batch) -> bool:
    """Whether this reader may still store; the row is locked then."""
    mine = Batch.objects.locked().filter(state=State.READING, reader=batch.reader)
    return mine.filter(pk=batch.pk).exists()


def _fail(batch: Batch, problem: str) -> None:
    with transaction.atomic():
        if _is_mine(batch):
            _end(batch, State.FAILED, problem)


def _end(batch: Batch, state: str, problem: str = "") -> None:
    if state != State.FAILED:  # what failed can be tried again
        receiving.forget(batch)
    else:
        logger.warning("Batch %d failed: %s", batch.pk, problem)
    batch.state, batch.problem = state, problem
    batch.ended_at, batch.reader = timezone.now(), None
    batch.save()


@transaction.atomic
def cancel(*, batch: Batch, actor: User) -> None:
    """Read no further; the pairs that are in stay. Invalid once it has ended."""
    policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().get(pk=batch.pk)
    if batch.state not in (State.WAITING, State.READING, State.FAILED):
        raise Invalid("Nothing is being read of this batch any more.")
    _end(batch, State.CANCELLED)


@transaction.atomic
def retry(*, batch: Batch, actor: User) -> None:
    """Go on with a batch that failed, behind the rows that are in."""
    policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().get(pk=batch.pk)
    if batch.state != State.FAILED:
        raise Invalid("Only an import that failed can be tried again.")
    batch.state, batch.problem, batch.tries = State.WAITING, "", 0
    batch.ended_at = None
    batch.save()


@transaction.atomic
def _store(account: Account, chunk: Sequence[Row], *, read_bytes: int) -> bool:
    """Store some rows; False if this reader may not any more."""
    batch = account.batch
    if not _is_mine(batch):
        return False
    rows = [row for row in chunk if isinstance(row, PairRow)]
    keys = [fingerprint(row.text) for row in rows]
    fresh = _unknown(batch.project, keys, rows)
    revised: list[Fresh] = []
    plain: list[Fresh] = []
    for each in fresh:
        is_revised = batch.revised_as_accepted and each.row.revised
        (revised if is_revised else plain).append(each)
    entering.store(batch, fresh, screened=plain)
    _accept(revised)
    taken = set()
    if batch.revised_as_accepted:
        taken = {each.row.number for each in fresh}
    offering.offer(
        batch,
        [pair for pair in zip(keys, rows, strict=True) if pair[1].number not in taken],
    )
    batch.taken += len(chunk)
    batch.tries, batch.read_bytes, batch.heard_at = 0, read_bytes, timezone.now()
    account.add(chunk, imported=len(fresh))
    return True


def _unknown(
    project: Project, keys: Sequence[str], rows: Sequence[PairRow]
) -> list[Fresh]:
    """The rows whose pair the project does not have, the first of each pair.

    One import at a time looks and writes, or two could both find a pair missing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1, project.pk])
    by_print: dict[str, PairRow] = {}
    for key, row in zip(keys, rows, strict=True):
        by_print.setdefault(key, row)
    known = Pair.objects.filter(project=project, fingerprint__in=list(by_print))
    for found in known.values_list("fingerprint", flat=True):
        del by_print[found]
    return [Fresh.of(key, row) for key, row in by_print.items()]


def _accept(revised: Sequence[Fresh]) -> None:
    texts = {each.pk: each.row.revised for each in revised if each.row.revised}
    pairs = Pair.objects.filter(pk__in=texts).select_related("project").order_by("pk")
    ready_made.accept(list(pairs), texts)
