"""Import what is put into a project's folder in the inbox."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from annotator.formats.rows import UnreadableFile
from annotator.models import Batch, Project
from annotator.services import mapping, receiving
from annotator.services.receiving import Way

SETTLED = 10.0
"""Seconds without a change after which a file counts as whole."""
UNFINISHED = (".part", ".tmp", ".crdownload", ".partial")
REFUSED = "refused"
KILLED = 600.0
"""Seconds after which the worker that took a file counts as killed."""
_HELD = re.compile(r"\.(.+)\.[0-9a-f]{32}")


def fetch() -> list[Batch]:
    """Receive every file that is whole; the batches wait to be read.

    A file that cannot be read is moved to `refused`, with the reason beside it.
    """
    fetched = []
    for project in Project.objects.active():
        folder = Path(settings.INBOX) / project.slug
        _give_back(folder)
        for path in _whole_files(folder):
            with suppress(FileNotFoundError):  # another worker was faster
                if batch := _fetch(project, path):
                    fetched.append(batch)
    return fetched


def _whole_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    settled = time.time() - SETTLED
    for path in sorted(folder.iterdir()):
        is_ready = path.is_file() and path.stat().st_mtime <= settled
        if is_ready and path.name[0] != "." and path.suffix not in UNFINISHED:
            yield path


def _fetch(project: Project, path: Path) -> Batch | None:
    kept = Path(settings.UPLOADS) / uuid4().hex
    kept.parent.mkdir(parents=True, exist_ok=True)
    # The name is taken first: only one worker can. The file stays until its batch is
    # there, so that who is killed in between loses nothing (`_give_back`).
    own = path.with_name(f".{path.name}.{kept.name}")
    path.rename(own)
    try:
        shutil.copyfile(own, kept)
        batch = _take(project, kept, path.name)
    except BaseException as fault:
        kept.unlink(missing_ok=True)
        if not isinstance(fault, UnreadableFile):
            own.rename(path)
            raise
        _refuse(path, own, str(fault))
        return None
    own.unlink()
    return batch


def _take(project: Project, kept: Path, name: str) -> Batch:
    """A file of unknown columns is read as an earlier one with the same columns was,
    or waits until somebody says what they are."""
    batch = receiving.take(
        project=project, actor=None, kept=kept, name=name, way=Way(asks=True)
    )
    if batch.state != Batch.State.ASKING:
        return batch
    known = mapping.remembered(batch, mapping.sample(batch))
    return mapping.settle(batch=batch, actor=None, mapping=known) if known else batch


def _give_back(folder: Path) -> None:
    """Take what a killed worker held as if it had just been put here."""
    killed = time.time() - KILLED
    for path in folder.glob(".*"):
        held = _HELD.fullmatch(path.name)
        if held and path.stat().st_ctime < killed:
            path.rename(path.with_name(held[1]))


def _refuse(path: Path, own: Path, why: str) -> None:
    folder = path.parent / REFUSED
    folder.mkdir(exist_ok=True)
    place = folder / path.name
    if place.exists():
        place = folder / f"{uuid4().hex}-{path.name}"
    own.rename(place)
    place.with_name(f"{place.name}.why.txt").write_text(f"{why}\n", encoding="utf-8")
