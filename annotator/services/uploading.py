"""Take a large file in by pieces, so that a cut connection costs one of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.formats.rows import UnreadableFile
from annotator.models import Batch, Project, Upload, User
from annotator.services import mapping, receiving

ROOM = 1_000_000_000
"""Bytes of the disk that an upload leaves free."""


class WrongPlace(IllegalMove):
    """A piece does not follow what is here; `received` says what does."""

    code = "wrong_place"

    def __init__(self, received: int) -> None:
        super().__init__(
            gettext("The upload goes on at byte %(received)s.")
            % {"received": f"{received:,}"}
        )
        self.received = received


def begin(
    *, project: Project, actor: User, name: str, size: int, options: Mapping[str, Any]
) -> Upload:
    """Say that a file of `size` bytes will come.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: it is empty, too large, the disk has no room for it, or its mapping
            cannot be read.
    """
    policies.require(actor, project, Deed.IMPORT)
    mapping.way_of(options)
    if not 0 < size <= settings.UPLOAD_MAX_BYTES:
        raise Invalid(
            gettext(
                "%(name)s has %(size)s bytes; 1 to %(most)s are taken "
                "(UPLOAD_MAX_BYTES)."
            )
            % {
                "name": name,
                "size": f"{size:,}",
                "most": f"{settings.UPLOAD_MAX_BYTES:,}",
            }
        )
    folder = Path(settings.UPLOADS)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < size + ROOM:
        raise Invalid(
            gettext(
                "The server's disk has no room for %(name)s (%(size)s bytes): ask "
                "whoever runs it to make some, or import the file in parts."
            )
            % {"name": name, "size": f"{size:,}"}
        )
    return Upload.objects.create(
        project=project, sender=actor, name=name[:200], size=size, options=options
    )


def append(*, upload: Upload, actor: User, offset: int, piece: BinaryIO) -> Upload:
    """Write the bytes that follow; with the last one the file becomes a batch.

    The same piece once more, since its answer was lost, is refused by WrongPlace, and
    what is here stays as it is.

    Raises:
        WrongPlace: other bytes follow next.
        Invalid: there are more bytes than were announced.
        UnreadableFile: the whole file is of no use (see `receiving.receive`); the
            upload is gone then.
    """
    policies.require(actor, upload.project, Deed.IMPORT)
    try:
        return _append(upload.pk, offset, piece)
    except UnreadableFile:
        upload.delete()
        raise


@transaction.atomic
def _append(pk: UUID, offset: int, piece: BinaryIO) -> Upload:
    held = Upload.objects.locked().select_related("project", "batch").get(pk=pk)
    if offset != (here := received(held)):
        raise WrongPlace(here)
    with _file(held).open("ab") as sink:
        sink.truncate(offset)  # behind it: a piece whose transaction failed
        while some := piece.read(receiving.PIECE):
            if offset + len(some) > held.size:
                raise Invalid(
                    gettext("More than the %(size)s bytes that were announced.")
                    % {"size": f"{held.size:,}"}
                )
            offset += sink.write(some)
    held.received = offset
    if held.received == held.size:
        held.batch = _whole(held)
    held.save()
    return held


def received(upload: Upload) -> int:
    """Bytes that are here, on disk and by the row; the next ones follow."""
    if upload.batch_id:
        return upload.size
    file = _file(upload)
    return min(upload.received, file.stat().st_size if file.exists() else 0)


def _whole(upload: Upload) -> Batch:
    kept = Path(settings.UPLOADS) / uuid4().hex
    _file(upload).rename(kept)
    try:
        return receiving.take(
            project=upload.project,
            actor=upload.sender,
            kept=kept,
            name=upload.name,
            way=mapping.way_of(upload.options),
            revised_as_accepted=upload.options.get("revised_as_accepted", False),
        )
    except BaseException:
        kept.unlink(missing_ok=True)
        raise


def _file(upload: Upload) -> Path:
    return Path(settings.UPLOADS) / f"{UUID(str(upload.pk)).hex}.part"


def give_up(*, upload: Upload, actor: User) -> None:
    """Delete what has come; a batch that it has become stays."""
    policies.require(actor, upload.project, Deed.IMPORT)
    _file(upload).unlink(missing_ok=True)
    upload.delete()


def sweep() -> int:
    """Delete uploads of which nothing was heard for UPLOAD_HOURS; how many."""
    limit = timezone.now() - timedelta(hours=settings.UPLOAD_HOURS)
    count = 0
    for upload in Upload.objects.filter(heard_at__lt=limit):
        _file(upload).unlink(missing_ok=True)
        upload.delete()
        count += 1
    return count
