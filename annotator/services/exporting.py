"""Hand pairs out: an export is a job, whose row says how far it is.

A file is written beside its place and moved there when it is whole; the row
names who writes. A writer that falls silent is followed by another one, which begins
anew: the rows may have changed meanwhile, and half a file is of no use.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.exports.orders import ExportOrder
from annotator.models import Export, Project, User
from annotator.selectors import exported
from annotator.services import (
    export_contents,
    handing_out,
    telling_of_work,
    writing_out,
)
from annotator.services.claims import Claims
from annotator.services.export_contents import ExportContents
from annotator.services.taking_orders import taken
from annotator.services.writing_out import Written

logger = logging.getLogger(__name__)
HEARD_EVERY = 1.0
"""Seconds between two looks at the row."""
MARKED = 20_000
"""Pairs whose history is written at once."""
_OURS = re.compile(r"[0-9a-f]{32}\.[a-z.]+")
State = Export.State
CLAIMS: Claims[Export] = Claims(
    rows=Export.objects.all,
    waiting=State.WAITING,
    running=[State.WRITING],
    by="writer",
    with_rows=["project", "asked_by"],
    died=gettext_noop("Three writers died on it, one after the other."),
    end=lambda export, why: _end(export, State.FAILED, why),
)


class _Lost(Exception):
    """The export was cancelled, or another writer has it."""


def request(*, project: Project, actor: User | None, order: ExportOrder) -> Export:
    """Ask for an export; it waits to be written (`write`).

    `actor` None is the system itself (the command line).

    Raises:
        NotAllowed: the actor's role does not cover exports.
        Invalid: the order names a batch or a person that there is not.
    """
    if actor:
        policies.require(actor, project, Deed.EXPORT)
    exported.check(project, order.wanted)
    return Export.objects.create(
        project=project,
        asked_by=actor,
        shape=order.shape,
        file=order.file,
        asked=order.as_dict(),
    )


def order_of(given: dict[str, Any]) -> ExportOrder:
    """The order that a person typed; Invalid names what is wrong."""
    return taken(ExportOrder.from_dict, given)


def count(*, project: Project, actor: User, order: ExportOrder) -> int:
    """How many pairs an order would take up now."""
    policies.require(actor, project, Deed.EXPORT)
    return export_contents.count(project, order)


def to_write() -> list[int]:
    """Exports that wait, or whose writer has fallen silent; the oldest first."""
    return CLAIMS.free()


def write(export_id: int, tell: Callable[[Export], None] = lambda _: None) -> None:
    """Write an export's file, unless somebody else does or it is cancelled; `tell` is
    called now and then."""
    export = CLAIMS.begin(export_id, _from_its_start)
    if export is None:
        return
    with CLAIMS.speaking(export):
        _write_claimed(export, tell)


def _write_claimed(export: Export, tell: Callable[[Export], None]) -> None:
    folder = Path(settings.EXPORTS)
    work = folder / f"{uuid4().hex}.part"
    try:
        work.mkdir(parents=True)
        made = _write(export, work / "file", tell)
        kept = f"{uuid4().hex}.{export.order.ending}"
        (work / "file").rename(folder / kept)
        _finish(export, made, kept)
    except _Lost:
        pass
    except Invalid as fault:
        _fail(export, str(fault))
    except OSError as fault:
        told = gettext("The file cannot be written on this machine: %(fault)s.")
        _fail(export, told % {"fault": fault.strerror})
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _from_its_start(export: Export) -> None:
    export.started_at = export.heard_at
    export.pairs, export.done, export.rows = None, 0, 0


def _write(export: Export, path: Path, tell: Callable[[Export], None]) -> Written:
    contents = export_contents.of(export.project, export.order)
    export.pairs = len(contents.ids)
    _hear(export)
    last = timezone.now()

    def heard(done: int, rows: int) -> None:
        nonlocal last
        export.done, export.rows = done, rows
        if (timezone.now() - last).total_seconds() < HEARD_EVERY:
            return
        _hear(export)
        tell(export)
        last = timezone.now()

    made = writing_out.write(export, contents, path, heard)
    _hear(export)
    _mark(contents, export)
    tell(export)
    return made


def _hear(export: Export) -> None:
    """Say that the writer lives, and how far it is; _Lost if it may not go on."""
    export.heard_at = timezone.now()
    changed = CLAIMS.mine(export).update(
        heard_at=export.heard_at,
        pairs=export.pairs,
        done=export.done,
        rows=export.rows,
    )
    if not changed:
        raise _Lost


@transaction.atomic
def _finish(export: Export, made: Written, kept: str) -> None:
    if not CLAIMS.holds(export):
        (Path(settings.EXPORTS) / kept).unlink()
        raise _Lost
    export.kept, export.manifest = kept, made.manifest
    export.size, export.sha256 = made.paper.bytes, made.paper.sha256
    export.rows, export.done = made.paper.rows, export.pairs or 0
    _end(export, State.DONE)


def _fail(export: Export, problem: str) -> None:
    with transaction.atomic():
        if CLAIMS.holds(export):
            _end(export, State.FAILED, problem)


def _end(export: Export, state: str, problem: str = "") -> None:
    if problem:
        logger.warning("Export %d failed: %s", export.pk, problem)
    CLAIMS.close(export, state, problem)
    telling_of_work.export_ended(export)


def _mark(contents: ExportContents, export: Export) -> None:
    """Say in the history of each accepted pair that it left the house, the first time
    it does. The file is whole by then: whoever dies here has told nothing untrue."""
    ids = contents.ids
    for start in range(0, len(ids), MARKED):
        part = list(ids[start : start + MARKED])
        if contents.are_reviews:
            part = exported.pairs_of(part)
        handing_out.mark(part, export.asked_by)
        _hear(export)


@transaction.atomic
def cancel(*, export: Export, actor: User) -> None:
    """Write no further, and keep nothing. Invalid once it has ended."""
    policies.require(actor, export.project, Deed.EXPORT)
    export = Export.objects.locked().get(pk=export.pk)
    if export.state not in (State.WAITING, State.WRITING):
        raise Invalid(gettext("Nothing is being written of this export any more."))
    _end(export, State.CANCELLED)


@transaction.atomic
def retry(*, export: Export, actor: User) -> None:
    """Write an export anew that failed, was cancelled, or whose file is deleted."""
    policies.require(actor, export.project, Deed.EXPORT)
    export = Export.objects.locked().get(pk=export.pk)
    if export.state in (State.WAITING, State.WRITING) or export.kept:
        raise Invalid(gettext("Its file is there, or on its way."))
    export.forgotten_at = None
    CLAIMS.reopen(export)


def forget_old() -> None:
    """Delete files that are kept no longer, and what dead writers left behind."""
    before = timezone.now() - timedelta(days=settings.EXPORT_KEEP_DAYS)
    old = Export.objects.filter(~Q(kept=""), ended_at__lt=before)
    for export in old.select_related("project"):
        forget(export)
    _tidy()


def forget(export: Export) -> None:
    """Delete an export's file; its row and manifest stay."""
    file_of(export).unlink(missing_ok=True)
    Export.objects.filter(pk=export.pk).update(kept="", forgotten_at=timezone.now())


def _tidy() -> None:
    """What dead writers began, and files whose project is no more; a day old."""
    day_ago = (timezone.now() - timedelta(days=1)).timestamp()
    known = set(Export.objects.exclude(kept="").values_list("kept", flat=True))
    for left in Path(settings.EXPORTS).glob("*"):
        is_ours = _OURS.fullmatch(left.name) and left.name not in known
        if not is_ours or left.stat().st_mtime > day_ago:
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def file_of(export: Export) -> Path:
    """Where its file lies; Invalid if there is none, or no longer."""
    if not export.kept:
        gone = gettext("The file of %(name)s is deleted by now: have it written anew.")
        early = gettext("The file of %(name)s is not written yet.")
        why = gone if export.forgotten_at else early
        raise Invalid(why % {"name": export.name})
    return Path(settings.EXPORTS) / export.kept
