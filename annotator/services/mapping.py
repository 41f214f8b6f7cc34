"""Say which column of a received file is what, and see what comes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from collections.abc import Mapping as Object
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.meanings import Meaning
from annotator.formats.reading import read_pairs
from annotator.formats.row_stream import RowStream
from annotator.formats.rows import PairRow, ReadRow, Row, RowProblem, UnreadableFile
from annotator.formats.shapes.mapping import BadMapping, Mapping, reader
from annotator.formats.shapes.mending import mended
from annotator.formats.shapes.paths import paths_of
from annotator.formats.shapes.suggesting import suggest
from annotator.models import Batch, RememberedMapping, User
from annotator.services import parsing_logs, receiving
from annotator.services.receiving import Way

LOOKED_AT = 50
PREVIEWED = 5
State = Batch.State


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file, as they were decoded."""

    columns: list[str]
    """Names of columns, and below each the paths into what is nested in it."""
    rows: list[Object[str, Any]]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for row in self.rows for name in row))

    @property
    def key(self) -> str:
        """Of the set of columns: files with the same ones are mapped alike."""
        names = json.dumps(sorted(self.names))
        return hashlib.sha256(names.encode()).hexdigest()


def sample(batch: Batch) -> Sample:
    """The first rows; Invalid where the file cannot be read (any more)."""
    rows: list[Object[str, Any]] = []

    def keep(number: int, row: object) -> PairRow | RowProblem:
        if isinstance(row, Object):
            try:
                rows.append(mended(row))
            except ValueError:
                rows.append(row)
        return PairRow(number=number, instruction="", input="", response="")

    for _ in islice(_rows(batch, keep), LOOKED_AT):
        pass
    return Sample(paths_of(rows), rows)


def meaning_of(batch: Batch) -> Meaning:
    """How the rows of a batch's file are to be read: by its mapping, the pattern of the
    project's logs, or the usual names."""
    pattern = None
    if not batch.mapping:
        pattern = parsing_logs.pattern_of(batch.project, batch.name)
    return Meaning(
        name=batch.name,
        mapping=batch.mapping,
        encoding=batch.encoding,
        pattern=pattern,
    )


def _opened(batch: Batch, file: BinaryIO, meant: ReadRow) -> RowStream:
    return read_pairs(
        file,
        name=batch.name,
        read_row=meant,
        encoding=batch.encoding,
        any_columns=True,
    )


def _rows(batch: Batch, meant: ReadRow) -> Iterator[Row]:
    if not batch.upload:
        raise Invalid(
            gettext("The file of this import is not kept any more: upload it again.")
        )
    try:
        with receiving.file_of(batch).open("rb") as file:
            yield from _opened(batch, file, meant)
    except UnreadableFile as fault:
        raise Invalid(str(fault)) from None
    except OSError as fault:
        raise Invalid(
            gettext("The file cannot be read on this machine: %(fault)s.")
            % {"fault": fault.strerror}
        ) from None


def remembered(batch: Batch, first: Sample) -> Mapping | None:
    """What was said about an earlier file of the project with these columns."""
    found = RememberedMapping.objects.filter(project=batch.project, columns=first.key)
    try:
        return next((Mapping.from_dict(each.mapping) for each in found), None)
    except BadMapping:  # of an older version of the product
        return None


def offered(batch: Batch, first: Sample) -> Mapping:
    """The mapping to begin with: the batch's own, the remembered, the suggested one."""
    own = Mapping.from_dict(batch.mapping) if batch.mapping else None
    return own or remembered(batch, first) or suggest(first.columns, first.rows)


def preview(batch: Batch, mapping: Mapping) -> list[Row]:
    """The first rows as they would be stored, or what is wrong with them."""
    return list(islice(_rows(batch, reader(mapping)), PREVIEWED))


def checked(given: object) -> Mapping:
    """Read a mapping from JSON; Invalid says what is wrong with it."""
    try:
        return Mapping.from_dict(given)
    except BadMapping as fault:
        raise Invalid(str(fault)) from None


def written(text: str | bytes) -> Mapping:
    """Read a mapping from a text of JSON; Invalid."""
    try:
        return checked(json.loads(text))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Invalid(
            gettext("The mapping is not valid JSON: %(fault)s.") % {"fault": fault}
        ) from None


def way_of(told: Object[str, Any]) -> Way:
    """How a file is to be read, as a program says it: `mapping` is a text of JSON.

    Invalid says what is wrong with the mapping.
    """
    return Way(
        mapping=written(told["mapping"]) if told.get("mapping") else None,
        asks=told.get("asks", False),
        asks_first=told.get("asks_first", False),
        is_dry=told.get("dry_run", False),
        same_id=Batch.SameId(told.get("same_id", Batch.SameId.ADD)),
        encoding=told.get("encoding", ""),
    )


@transaction.atomic
def settle(
    *, batch: Batch, actor: User | None, mapping: Mapping | None, is_dry: bool = False
) -> Batch:
    """Let a batch that asks be read by a mapping (None: by the usual names), or only
    be tried (`is_dry`): then it asks again, with a report.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: it does not ask (any more).
    """
    if actor:
        policies.require(actor, batch.project, Deed.IMPORT)
    batch = Batch.objects.locked().select_related("project").get(pk=batch.pk)
    if batch.state != State.ASKING:
        raise Invalid(
            gettext("Nobody waits for word about the columns of this import.")
        )
    if mapping:
        RememberedMapping.objects.update_or_create(
            project=batch.project,
            columns=sample(batch).key,
            defaults={"mapping": mapping.as_dict()},
        )
    batch.mapping = mapping.as_dict() if mapping else {}
    batch.is_dry, batch.report, batch.tries = is_dry, {}, 0
    batch.problem = ""
    batch.state = State.WAITING
    batch.save()
    return batch
