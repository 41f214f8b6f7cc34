"""Read what was received: good rows become pairs, bad rows are kept with what is wrong.

The batch is the job. A chunk of rows and how far the file is read are stored in one
transaction, by the one reader whose name the row bears: who is killed is followed by
another one, which goes on behind the last chunk, and no row is stored twice.
"""

from __future__ import annotations

import gettext as gettext_files
import logging
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.database.ahead import ahead
from annotator.database.copying import commit_without_waiting
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats import apart
from annotator.formats.apart import Order, ReaderDied
from annotator.formats.prepared import Chunk
from annotator.formats.reading import UnknownShape, UnreadableFile
from annotator.formats.rows import PairRow
from annotator.models import Batch, Pair, Project, User
from annotator.services import (
    bringing,
    entering,
    mapping,
    offering,
    ready_made,
    receiving,
    telling_of_work,
    trying,
    updating,
)
from annotator.services.accounting import Account
from annotator.services.claims import Claims
from annotator.services.entering import Fresh, Ready
from annotator.services.receiving import BY_NAMES, Way

logger = logging.getLogger(__name__)
CHUNK = 5_000
APART_BYTES = 1_000_000
"""A larger file is read in a process of its own."""
State = Batch.State
CLAIMS: Claims[Batch] = Claims(
    rows=Batch.objects.all,
    waiting=State.WAITING,
    running=[State.READING],
    by="reader",
    with_rows=["project"],
    died=gettext_noop("Three readers died on the same rows, one by one."),
    end=lambda batch, why: _end(batch, State.FAILED, why),
)


def import_pairs(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    way: Way = BY_NAMES,
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
        way=way,
        revised_as_accepted=revised_as_accepted,
    )
    read(batch.pk)
    batch.refresh_from_db()
    return batch


def to_read() -> list[int]:
    """Batches that wait, or whose reader has fallen silent; the oldest first. A large
    file is looked through for its encoding before its first row is heard of."""
    return CLAIMS.free()


def read(batch_id: int, tell: Callable[[Batch], None] = lambda _: None) -> None:
    """Read a batch to its end, unless somebody else does or it is cancelled; `tell` is
    called after each chunk that is stored."""
    batch = CLAIMS.begin(batch_id)
    if batch is None:
        return
    with CLAIMS.speaking(batch):
        _read_claimed(batch, tell)


def _read_claimed(batch: Batch, tell: Callable[[Batch], None]) -> None:
    try:
        if batch.is_dry:
            with receiving.file_of(batch).open("rb") as file:
                _try(batch, file, tell)
        else:
            _read(batch, tell)
    except ReaderDied as fault:
        logger.warning("Batch %d is read anew: %s", batch.pk, fault)
        _let_go(batch)
        read(batch.pk, tell)
    except UnknownShape as fault:
        _ask(batch, problem=str(fault))
    except UnreadableFile as fault:
        _fail(batch, str(fault))
    except OSError as fault:
        told = gettext("The file cannot be read on this machine: %(fault)s.")
        _fail(batch, told % {"fault": fault.strerror})


def _read(batch: Batch, tell: Callable[[Batch], None]) -> None:
    account = Account(batch)
    with (
        closing(_chunks(batch, account)) as read,
        closing(
            ahead(
                (Ready.of(batch.pk, chunk) for chunk in read),
                waiting=lambda: _say_alive(batch),
            )
        ) as found,
    ):
        for ready in found:
            if not _store(account, ready):
                return
            tell(batch)
    with transaction.atomic():
        if CLAIMS.holds(batch):
            _end(batch, State.DONE)


def _chunks(batch: Batch, account: Account) -> Generator[Chunk]:
    """What is still to be stored; of a large file from a process of its own."""
    order = Order(
        path=str(receiving.file_of(batch)),
        meaning=mapping.meaning_of(batch),
        behind=batch.taken,
        most=CHUNK,
        named=frozenset(account.columns),
        keeps_rows=batch.same_id == Batch.SameId.UPDATE,
        catalogue=_catalogue(batch.language),
    )
    if batch.size >= APART_BYTES:
        return apart.chunks(order)
    return _chunks_here(order, batch.language)


def _chunks_here(order: Order, language: str) -> Generator[Chunk]:
    """Read in a thread of its own, which speaks no language yet."""
    with translation.override(language):
        yield from order.chunks()


def _catalogue(language: str) -> str:
    """The file of a language's sentences; empty: they are English."""
    names = [translation.to_locale(language)]
    return gettext_files.find("django", settings.LOCALE_PATHS[0], names) or ""


def _try(batch: Batch, file: BinaryIO, tell: Callable[[Batch], None]) -> None:
    """Count what reading it would do; a reader that dies is followed by one that
    begins anew, since nothing is stored."""
    rows = mapping.meaning_of(batch).rows(file)

    def goes_on(count: int) -> bool:
        batch.taken, batch.read_bytes = count, int(rows.share * batch.size)
        batch.heard_at = timezone.now()
        columns = ("taken", "read_bytes", "heard_at")
        found = {name: getattr(batch, name) for name in columns}
        is_mine = CLAIMS.mine(batch).update(tries=0, **found)
        tell(batch)
        return bool(is_mine)

    report = trying.report(batch, rows, goes_on)
    if report is not None:
        _ask(batch, report)


@transaction.atomic
def _ask(batch: Batch, report: dict[str, Any] | None = None, problem: str = "") -> None:
    """Wait for word about the columns; nothing of the file is stored yet."""
    if not CLAIMS.holds(batch):
        return
    batch.state, batch.reader, batch.is_dry = State.ASKING, None, False
    batch.report, batch.problem = report or {}, problem
    batch.taken = batch.read_bytes = 0
    batch.started_at = batch.heard_at = None
    batch.save()


def _say_alive(batch: Batch) -> None:
    """Of a reader that waits: a large archive is unpacked before its first row."""
    CLAIMS.mine(batch).update(heard_at=timezone.now())


@transaction.atomic
def _let_go(batch: Batch) -> None:
    """Let another reader go on, behind what is stored."""
    if CLAIMS.holds(batch):
        batch.state, batch.reader = State.WAITING, None
        batch.save()


def _fail(batch: Batch, problem: str) -> None:
    with transaction.atomic():
        if CLAIMS.holds(batch):
            _end(batch, State.FAILED, problem)


def _end(batch: Batch, state: str, problem: str = "") -> None:
    if state != State.FAILED:  # what failed can be tried again
        receiving.forget(batch)
    else:
        logger.warning("Batch %d failed: %s", batch.pk, problem)
    CLAIMS.close(batch, state, problem)
    telling_of_work.import_ended(batch)


@transaction.atomic
def cancel(*, batch: Batch, actor: User) -> None:
    """Read no further; the pairs that are in stay. Invalid once it has ended."""
    policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().get(pk=batch.pk)
    running = (State.ASKING, State.WAITING, State.READING, State.FAILED)
    if batch.state not in running:
        raise Invalid(gettext("Nothing is being read of this batch any more."))
    _end(batch, State.CANCELLED)


@transaction.atomic
def retry(*, batch: Batch, actor: User) -> None:
    """Go on with a batch that failed, behind the rows that are in."""
    policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().get(pk=batch.pk)
    if batch.state != State.FAILED:
        raise Invalid(gettext("Only an import that failed can be tried again."))
    CLAIMS.reopen(batch)


@transaction.atomic
def _store(account: Account, ready: Ready) -> bool:
    """Store some rows; False if this reader may not any more."""
    batch, chunk = account.batch, ready.chunk
    if not CLAIMS.holds(batch):
        return False
    commit_without_waiting()
    settled = updating.settle(batch, _unknown(batch.project, ready.first))
    fresh = settled.fresh
    revised: list[Fresh] = []
    plain: list[Fresh] = []
    for each in fresh:
        row = each.prepared.row
        is_revised = batch.revised_as_accepted and row and row.revised
        (revised if is_revised else plain).append(each)
    entering.store(batch, fresh, screened=plain, places=ready.places)
    _accept(revised)
    rows = [(each.fingerprint, each.row) for each in chunk.pairs if each.row]
    _bring(batch, rows)
    taken = settled.left_out
    if batch.revised_as_accepted:
        taken = taken | {each.prepared.number for each in fresh}
    offering.offer(batch, [pair for pair in rows if pair[1].number not in taken])
    batch.taken += chunk.taken
    batch.tries, batch.read_bytes = 0, chunk.read_bytes
    batch.heard_at = timezone.now()
    account.add(chunk, imported=len(fresh), updated=settled.updated, told=settled.told)
    return True


def _bring(batch: Batch, rows: Iterable[tuple[str, PairRow]]) -> None:
    """Store the drafts that came with rows, of pairs that are here or have come."""
    drafts = {key: row.draft for key, row in rows if row.draft}
    if not drafts:
        return
    found = Pair.objects.filter(project=batch.project, fingerprint__in=list(drafts))
    keys = dict(found.values_list("pk", "fingerprint"))
    bringing.bring(batch.project, {pk: drafts[key] for pk, key in keys.items()})


def _unknown(project: Project, first: Mapping[str, Fresh]) -> list[Fresh]:
    """The rows whose pair the project does not have.

    One import at a time looks and writes, or two could both find a pair missing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1, project.pk])
        # One value, and no list: psycopg looks at each member of a list.
        cursor.execute(
            "SELECT fingerprint FROM annotator_pair "
            "WHERE project_id = %s AND fingerprint = ANY(string_to_array(%s, ','))",
            [project.pk, ",".join(first)],
        )
        known = {key for (key,) in cursor.fetchall()}
    return [row for key, row in first.items() if key not in known]


def _accept(revised: Sequence[Fresh]) -> None:
    texts = {
        each.pk: each.prepared.row.revised
        for each in revised
        if each.prepared.row and each.prepared.row.revised
    }
    pairs = Pair.objects.filter(pk__in=texts).select_related("project").order_by("pk")
    ready_made.accept(list(pairs), texts)
