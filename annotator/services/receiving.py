"""Take a file in: kept on disk until all its pairs are in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

from annotator import policies
from annotator.domain.roles import Deed
from annotator.formats.reading import read_pairs
from annotator.models import Batch, Project, User

PIECE = 1 << 20


def receive(
    *,
    project: Project,
    actor: User | None,
    file: BinaryIO,
    name: str,
    revised_as_accepted: bool = False,
) -> Batch:
    """Keep a file of pairs; its batch waits to be read (services/importing.read).

    `actor` None is the system itself (the demo, the command line).

    Raises:
        NotAllowed: the actor's role does not cover imports.
        UnreadableFile: the file as a whole is of no format that is read. Of a file
            above READ_AT_ONCE_BYTES this is found out when it is read.
    """
    if actor:
        policies.require(actor, project, Deed.IMPORT)
    kept = Path(settings.UPLOADS) / uuid4().hex
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256, size = _keep(file, kept)
        if size <= settings.READ_AT_ONCE_BYTES:
            with kept.open("rb") as whole:
                next(read_pairs(whole, name=name), None)
        return Batch.objects.create(
            project=project,
            name=name[:200],
            sha256=sha256,
            imported_by=actor,
            control_share=project.control_share,
            revised_as_accepted=revised_as_accepted,
            upload=kept.name,
            size=size,
        )
    except BaseException:
        kept.unlink(missing_ok=True)
        raise


def _keep(file: BinaryIO, path: Path) -> tuple[str, int]:
    """Digest and bytes of what was written."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as sink:
        for piece in _pieces(file):
            digest.update(piece)
            size += sink.write(piece)
    return digest.hexdigest(), size


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def file_of(batch: Batch) -> Path:
    """Where the batch's file lies."""
    return Path(settings.UPLOADS) / batch.upload


def forget(batch: Batch) -> None:
    """Delete the file: nothing will be read of it any more. The row is not saved."""
    if batch.upload:
        file_of(batch).unlink(missing_ok=True)
        batch.upload = ""
