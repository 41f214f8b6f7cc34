"""Report on a dataset before and after revision: a job, whose row says how far it is.

A maker that falls silent is followed by another one. It reads and counts anew, which
takes a minute or so; ratings, which may take hours and money, lie in a file beside the
report and are not asked for again.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.dataset_reports import ReportOrder, Source
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import DatasetReport, Project, User
from annotator.services import (
    asking_raters,
    dataset_documents,
    rating,
    receiving,
    report_pairs,
    telling_of_work,
)
from annotator.services.claims import Claims
from annotator.services.taking_orders import taken
from revision_engine.backends.asking import ServerFailed

logger = logging.getLogger(__name__)
HEARD_EVERY = 1.0
"""Seconds between two looks at the row."""
KEPT_DAYS = 7
"""Days for which files of a report that failed or was cancelled are kept, so that it
can be tried again."""
_OURS = re.compile(r"[0-9a-f]{32}|\d+\.ratings\.jsonl")
State, Stage = DatasetReport.State, DatasetReport.Stage
RUNNING = (State.WAITING, State.MAKING)
Tell = Callable[[DatasetReport], None]
CLAIMS: Claims[DatasetReport] = Claims(
    rows=DatasetReport.objects.all,
    waiting=State.WAITING,
    running=[State.MAKING],
    by="maker",
    with_rows=["project", "asked_by"],
    died=gettext_noop("Three makers died on it, one after the other."),
    end=lambda report, why: _end(report, State.FAILED, why),
)


class _Lost(Exception):
    """The report was cancelled, or another maker has it."""


def order_of(given: dict[str, Any]) -> ReportOrder:
    """The order that a person typed; Invalid names what is wrong."""
    return taken(ReportOrder.from_dict, given)


def request(
    *,
    project: Project,
    actor: User,
    order: ReportOrder,
    file: BinaryIO | None = None,
    raw_file: BinaryIO | None = None,
) -> DatasetReport:
    """Ask for a report; it waits to be made (`make`).

    Raises:
        NotAllowed: the actor's role does not cover statistics.
        Invalid: the order names what there is not, or a file is missing.
    """
    policies.require(actor, project, Deed.SEE_STATS)
    rating.check(order.judges)
    report_pairs.check(project, order)
    if (order.source == Source.FILE) != (file is not None):
        raise Invalid(gettext("A report on a file needs one, and no other one does."))
    report = DatasetReport(
        project=project,
        asked_by=actor,
        name=_name(project, order)[:200],
        asked=order.as_dict(),
    )
    report.file = _keep(file) if file else ""
    report.raw_file = _keep(raw_file) if raw_file else ""
    report.save()
    return report


def _name(project: Project, order: ReportOrder) -> str:
    match order.source:
        case Source.BATCH:
            return str(project.batches.get(pk=order.key).name)
        case Source.COACH:
            return report_pairs.coach_of(project, order).name
        case Source.EXPORT:
            return project.exports.select_related("project").get(pk=order.key).name
        case Source.REWRITE:
            return project.rewrites.get(pk=order.key).name
        case Source.FILE:
            return order.file
    return project.name


def _folder() -> Path:
    folder = Path(settings.DATASET_REPORTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _keep(file: BinaryIO) -> str:
    """Keep a file that was brought; Invalid if it is too large."""
    name = uuid4().hex
    path = _folder() / name
    with path.open("xb") as sink:
        shutil.copyfileobj(file, sink, receiving.PIECE)
    if (size := path.stat().st_size) > settings.UPLOAD_MAX_BYTES:
        path.unlink()
        raise Invalid(
            gettext(
                "The file has %(size)s bytes; at most %(most)s are taken "
                "(UPLOAD_MAX_BYTES)."
            )
            % {"size": f"{size:,}", "most": f"{settings.UPLOAD_MAX_BYTES:,}"}
        )
    return name


def to_make() -> list[int]:
    """Reports that wait, or whose maker has fallen silent; the oldest first."""
    return CLAIMS.free()


def make(report_id: int, tell: Tell = lambda _: None) -> None:
    """Make a report, unless somebody else does or it is cancelled; `tell` is called now
    and then."""
    report = CLAIMS.begin(report_id, _from_its_start)
    if report is None:
        return
    with CLAIMS.speaking(report):
        _make_claimed(report, tell)


def _make_claimed(report: DatasetReport, tell: Tell) -> None:
    try:
        _finish(report, _made(report, tell))
    except _Lost:
        pass
    except (Invalid, ServerFailed) as fault:
        _fail(report, str(fault))
    except OSError as fault:
        told = gettext("A file cannot be read or written here: %(fault)s.")
        _fail(report, told % {"fault": fault.strerror})


def _from_its_start(report: DatasetReport) -> None:
    report.started_at = report.heard_at
    report.stage, report.done, report.total = Stage.READING, 0, 0


def _made(report: DatasetReport, tell: Tell) -> dict[str, Any]:
    order = report.order
    rating.check(order.judges)
    judges = {name: rating.known()[name] for name in order.judges}
    files = [_folder() / name for name in (report.file, report.raw_file) if name]
    read = report_pairs.of_order(report.project, order, files)
    last = timezone.now()

    def heard(stage: str, done: int, total: int) -> None:
        nonlocal last
        is_new = stage != report.stage
        report.stage, report.done, report.total = stage, done, total
        if not is_new and (timezone.now() - last).total_seconds() < HEARD_EVERY:
            return
        _hear(report)
        tell(report)
        last = timezone.now()

    return dataset_documents.document(
        read,
        order,
        judges=judges,
        kept=_ratings_of(report),
        tell=heard,
        keep=lambda texts: setattr(report, "for_raters", texts),
    )


def _ratings_of(report: DatasetReport) -> Path:
    return _folder() / f"{report.pk}.ratings.jsonl"


def _hear(report: DatasetReport) -> None:
    """Say that the maker lives, and how far it is; _Lost if it may not go on."""
    report.heard_at = timezone.now()
    changed = CLAIMS.mine(report).update(
        heard_at=report.heard_at,
        stage=report.stage,
        done=report.done,
        total=report.total,
    )
    if not changed:
        raise _Lost


@transaction.atomic
def _finish(report: DatasetReport, document: dict[str, Any]) -> None:
    if not CLAIMS.holds(report):
        raise _Lost
    report.document = document
    _forget_files(report)
    _end(report, State.DONE)


def _fail(report: DatasetReport, problem: str) -> None:
    with transaction.atomic():
        if CLAIMS.holds(report):
            _end(report, State.FAILED, problem)


def _end(report: DatasetReport, state: str, problem: str = "") -> None:
    if problem:
        logger.warning("Dataset report %d failed: %s", report.pk, problem)
    report.stage = ""
    CLAIMS.close(report, state, problem)
    telling_of_work.dataset_report_ended(report)


@transaction.atomic
def cancel(*, report: DatasetReport, actor: User) -> None:
    """Make it no further; ratings are kept for a while. Invalid once it has ended."""
    policies.require(actor, report.project, Deed.SEE_STATS)
    report = DatasetReport.objects.locked().get(pk=report.pk)
    if report.state not in RUNNING:
        raise Invalid(gettext("Nothing is being made of this report any more."))
    _end(report, State.CANCELLED)


@transaction.atomic
def retry(*, report: DatasetReport, actor: User) -> None:
    """Make a report again that failed or was cancelled, from the ratings that are
    there."""
    policies.require(actor, report.project, Deed.SEE_STATS)
    report = DatasetReport.objects.locked().get(pk=report.pk)
    if report.state not in (State.FAILED, State.CANCELLED):
        raise Invalid(gettext("It is made, or on its way."))
    if report.order.source == Source.FILE and not report.file:
        raise Invalid(gettext("Its file is deleted by now: bring it for a new report."))
    CLAIMS.reopen(report)


@transaction.atomic
def delete(*, report: DatasetReport, actor: User) -> None:
    """Delete a report that has ended, with all that lies beside it."""
    policies.require(actor, report.project, Deed.SEE_STATS)
    report = DatasetReport.objects.locked().get(pk=report.pk)
    if report.state in RUNNING:
        raise Invalid(gettext("It is being made: cancel it first."))
    asking_raters.check_unasked(report.blind_ratings.all())
    _forget_files(report)
    report.delete()


def forget_old() -> None:
    """Delete files of reports that failed long ago, and those whose report is gone."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    ended = (State.FAILED, State.CANCELLED)
    for report in DatasetReport.objects.filter(state__in=ended, ended_at__lt=before):
        _forget_files(report)
        report.save(update_fields=["file", "raw_file"])
    _tidy()


def _forget_files(report: DatasetReport) -> None:
    """The row is not saved."""
    for name in (report.file, report.raw_file):
        if name:
            (_folder() / name).unlink(missing_ok=True)
    _ratings_of(report).unlink(missing_ok=True)
    report.file = report.raw_file = ""


def _tidy() -> None:
    """What reports of deleted projects left behind; a day old."""
    day_ago = (timezone.now() - timedelta(days=1)).timestamp()
    known: set[str] = set()
    for pk, *names in DatasetReport.objects.values_list("pk", "file", "raw_file"):
        known |= {f"{pk}.ratings.jsonl", *names}
    for left in _folder().glob("*"):
        is_ours = _OURS.fullmatch(left.name) and left.name not in known
        if is_ours and left.stat().st_mtime < day_ago:
            left.unlink(missing_ok=True)
