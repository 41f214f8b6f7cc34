"""Take a file in: kept on disk until all its pairs are in the database."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.roles import Deed
from annotator.formats.keys import read_row
from annotator.formats.meanings import rows_of_log
from annotator.formats.reading import UnknownShape, UnreadableFile, read_pairs
from annotator.formats.shapes.mapping import Mapping, reader
from annotator.models import Batch, Project, User
from annotator.services import parsing_logs

PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a file is to be read."""

    mapping: Mapping | None = None
    """Which column is what; None: by the usual names."""
    asks: bool = False
    """Whether somebody is there to say what columns without a usual name are."""
    asks_first: bool = False
    """Whether they want to say so in any case."""
    is_dry: bool = False
    """Whether it is only counted what would come of it (services/trying)."""
    same_id: Batch.SameId = Batch.SameId.ADD
    encoding: str = ""
    """One of `encodings.NAMES`, taken at its word; empty: it is told apart."""


BY_NAMES = Way()


def receive(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    way: Way = BY_NAMES,
    revised_as_accepted: bool = False,
) -> Batch:
    """Keep a file of pairs; its batch waits to be read (services/importing.read), or
    asks what its columns are (services/mapping.settle).

    `actor` None is the system itself (the demo, the command line).

    Raises:
        NotAllowed: the actor's role does not cover imports.
        UnreadableFile: the file as a whole is of no format that is read. Of a file
            above READ_AT_ONCE_BYTES this is found out when it is read.
        UnknownShape: nobody has said what its columns are, nor can be asked.
    """
    if actor:
        policies.require(actor, project, Deed.IMPORT)
    kept = Path(settings.UPLOADS) / uuid4().hex
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        with kept.open("xb") as sink:
            shutil.copyfileobj(file, sink, PIECE)
        return take(
            project=project,
            actor=actor,
            kept=kept,
            name=name,
            way=way,
            revised_as_accepted=revised_as_accepted,
        )
    except BaseException:
        kept.unlink(missing_ok=True)
        raise


def take(
    *,
    project: Project,
    actor: User | None,
    kept: Path,
    name: str,
    way: Way = BY_NAMES,
    revised_as_accepted: bool = False,
) -> Batch:
    """The same with a file that lies in settings.UPLOADS; refused, it is left there."""
    with kept.open("rb") as whole:
        sha256 = hashlib.file_digest(whole, "sha256").hexdigest()
    size, asks = kept.stat().st_size, way.asks_first
    if size <= settings.READ_AT_ONCE_BYTES:
        asks = _asks(project, kept, name, way)
    return Batch.objects.create(
        state=Batch.State.ASKING if asks else Batch.State.WAITING,
        mapping=way.mapping.as_dict() if way.mapping else {},
        same_id=way.same_id,
        is_dry=way.is_dry,
        encoding=way.encoding,
        project=project,
        name=name[:200],
        sha256=sha256,
        imported_by=actor,
        control_share=project.control_share,
        revised_as_accepted=revised_as_accepted,
        upload=kept.name,
        size=size,
    )


def _asks(project: Project, kept: Path, name: str, way: Way) -> bool:
    """Whether a person is to say what the columns are; raises as `receive`."""
    meant = reader(way.mapping) if way.mapping else read_row
    try:
        with kept.open("rb") as whole:
            pattern = parsing_logs.pattern_of(project, name)
            if pattern and not way.mapping:
                if next(rows_of_log(whole, pattern), None) is None:
                    raise UnreadableFile(
                        gettext("%(name)s holds no rows.") % {"name": name}
                    )
                return way.asks_first
            rows = read_pairs(
                whole,
                name=name,
                read_row=meant,
                encoding=way.encoding,
                any_columns=True,
            )
            next(rows, None)
    except UnknownShape:
        if not (way.asks or way.asks_first):
            raise
        return True
    return way.asks_first


def file_of(batch: Batch) -> Path:
    """Where the batch's file lies."""
    return Path(settings.UPLOADS) / batch.upload


def drop(batch: Batch) -> None:
    """Delete a batch of which nothing is stored, with its file."""
    forget(batch)
    batch.delete()


def forget(batch: Batch) -> None:
    """Delete the file: nothing will be read of it any more. The row is not saved."""
    if batch.upload:
        file_of(batch).unlink(missing_ok=True)
        batch.upload = ""
