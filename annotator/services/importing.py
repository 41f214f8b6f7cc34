"""Bring pairs in: good rows become pairs, bad rows are kept with what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from django.db import connection, transaction
from django.db.models import F

from annotator import policies
from annotator.domain.effort import Decision
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, RowProblem
from annotator.models import Batch, Pair, Project, Review, RowReject, User, Verdict
from annotator.services import screening
from annotator.services.workflow import move_all
from revision_engine.types import PairText
from training.examples import edit_distance, fingerprint

CHUNK = 500


def import_pairs(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    revised_as_accepted: bool = False,
) -> Batch:
    """Read a JSON, JSONL or CSV file of pairs into the project.

    Rows are stored 500 at a time, so a fault half-way keeps what was read and the
    same file can be given again: a pair is in a project once. With
    `revised_as_accepted` a row's revised side becomes an accepted review.
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
    while chunk:
        _store(batch, chunk, revised_as_accepted=revised_as_accepted)
        chunk = list(islice(rows, CHUNK))
    batch.refresh_from_db()
    return batch


def _digest(file: BinaryIO) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest


@transaction.atomic
def _store(
    batch: Batch,
    chunk: Iterable[PairRow | RowProblem],
    *,
    revised_as_accepted: bool,
) -> None:
    problems = [row for row in chunk if isinstance(row, RowProblem)]
    rows = [row for row in chunk if isinstance(row, PairRow)]
    RowReject.objects.bulk_create(
        RowReject(
            batch=batch,
            row=problem.number,
            message=problem.message,
            source=problem.source,
        )
        for problem in problems
    )
    fresh = _unknown(batch.project, rows)
    Pair.objects.bulk_create(pair for pair, _ in _pairs(batch, fresh))
    _settle(batch, fresh, revised_as_accepted=revised_as_accepted)
    Batch.objects.filter(pk=batch.pk).update(
        rows=F("rows") + len(problems) + len(rows),
        imported=F("imported") + len(fresh),
        duplicates=F("duplicates") + len(rows) - len(fresh),
        rejected=F("rejected") + len(problems),
    )


def _unknown(project: Project, rows: Iterable[PairRow]) -> dict[str, PairRow]:
    """The rows whose pair the project does not have, by fingerprint.

    One import at a time looks and writes, or two could both find a pair missing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1, project.pk])
    by_print: dict[str, PairRow] = {}
    for row in rows:
        by_print.setdefault(fingerprint(_text(row)), row)
    known = Pair.objects.filter(project=project, fingerprint__in=list(by_print))
    for found in known.values_list("fingerprint", flat=True):
        del by_print[found]
    return by_print


def _text(row: PairRow) -> PairText:
    return PairText(instruction=row.instruction, input=row.input, response=row.response)


def _pairs(batch: Batch, fresh: dict[str, PairRow]) -> Iterator[tuple[Pair, PairRow]]:
    for key, row in fresh.items():
        pair = Pair(
            project=batch.project,
            batch=batch,
            row=row.number,
            external_id=row.external_id,
            category=row.category,
            instruction=row.instruction,
            input=row.input,
            response=row.response,
            fingerprint=key,
        )
        yield pair, row


def _settle(
    batch: Batch, fresh: dict[str, PairRow], *, revised_as_accepted: bool
) -> None:
    pairs = Pair.objects.filter(
        project=batch.project, batch=batch, fingerprint__in=list(fresh)
    )
    revised: list[Pair] = []
    plain: list[Pair] = []
    for pair in pairs.order_by("pk"):
        row = fresh[pair.fingerprint]
        is_revised = revised_as_accepted and row.revised is not None
        (revised if is_revised else plain).append(pair)
    screening.screen(project=batch.project, pairs=plain)
    _accept(revised, fresh)


def _accept(pairs: list[Pair], fresh: dict[str, PairRow]) -> None:
    """Turn revisions that people made elsewhere into accepted reviews."""
    for pair in pairs:
        arm = screening.drawn_arm(pair.project, pair.fingerprint)
        move_all([pair], PairState.ACCEPTED, action="imported as accepted", arm=arm)
    reviews = Review.objects.bulk_create(
        _review(pair, fresh[pair.fingerprint].revised) for pair in pairs
    )
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.IMPORTED)
        for review in reviews
    )


def _review(pair: Pair, revised: PairText | None) -> Review:
    assert revised is not None
    return Review(
        pair=pair,
        arm=pair.arm,
        is_imported=True,
        instruction=revised.instruction,
        input=revised.input,
        response=revised.response,
        decision=Decision.WITHOUT_DRAFT,
        distance_raw_final=edit_distance(pair.text, revised),
    )
