"""Bring pairs in: good rows become pairs, bad rows are kept with what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

from django.db import connection, transaction

from annotator import policies
from annotator.domain.roles import Deed
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, Row
from annotator.models import Batch, Pair, Project, User
from annotator.services import entering, offering, ready_made
from annotator.services.accounting import Account
from annotator.services.entering import Fresh
from training.examples import fingerprint

CHUNK = 5_000


def import_pairs(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    revised_as_accepted: bool = False,
) -> Batch:
    """Read a JSON, JSONL or CSV file of pairs into the project.

    Rows are stored 5,000 at a time, so a fault half-way keeps what was read and the
    same file can be given again: a pair is in a project once. With
    `revised_as_accepted` a row's revised side becomes an accepted review; one that
    cannot (the pair is here already) or shall not is offered to the leads.
    `actor` None is the system itself (the demo, the command line).

    Raises:
        NotAllowed: the actor's role does not cover imports.
        UnreadableFile: the file as a whole is none of the three formats.
    """
    if actor:
        policies.require(actor, project, Deed.IMPORT)
    sha256 = _digest(file)
    rows = read_pairs(file, name=name)
    chunk = list(islice(rows, CHUNK))  # an unreadable file makes no batch
    batch = Batch.objects.create(
        project=project,
        name=name[:200],
        sha256=sha256,
        imported_by=actor,
        control_share=project.control_share,
    )
    account = Account(batch)
    while chunk:
        _store(account, chunk, revised_as_accepted=revised_as_accepted)
        chunk = list(islice(rows, CHUNK))
    batch.refresh_from_db()
    return batch


def _digest(file: BinaryIO) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest


@transaction.atomic
def _store(
    account: Account, chunk: Sequence[Row], *, revised_as_accepted: bool
) -> None:
    batch = account.batch
    rows = [row for row in chunk if isinstance(row, PairRow)]
    keys = [fingerprint(row.text) for row in rows]
    fresh = _unknown(batch.project, keys, rows)
    revised: list[Fresh] = []
    plain: list[Fresh] = []
    for each in fresh:
        is_revised = revised_as_accepted and each.row.revised
        (revised if is_revised else plain).append(each)
    entering.store(batch, fresh, screened=plain)
    _accept(revised)
    taken = {each.row.number for each in fresh} if revised_as_accepted else set()
    offering.offer(
        batch,
        [pair for pair in zip(keys, rows, strict=True) if pair[1].number not in taken],
    )
    account.add(chunk, imported=len(fresh))


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
