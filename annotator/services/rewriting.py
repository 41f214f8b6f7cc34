"""Revise a whole dataset with no person in the loop (the paper's main use).

Each row is a job. Rows go to the engine a message at a time and come back as they are
finished; what never comes back is sent again, and what comes twice is stored once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from annotator import policies
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.formats.keys import read_row
from annotator.formats.reading import read_pairs
from annotator.formats.revised_rows import TRAINED_ON, row_of
from annotator.formats.rows import PairRow, Row, RowProblem, remarks_on
from annotator.formats.side_columns import columns
from annotator.models import Batch, Project, Rewrite, RewriteRow, User
from annotator.services import errands, holding_back, settling, taking_back
from revision_engine.types import CoachRef, DraftRequest, DraftResult, PairText
from training.examples import fingerprint
from training.models import CoachVersion
from training.selectors import active_coach, knowledge, usable_coaches

CHUNK = 500
NAMED = 20
"""Bad rows that a refusal names, and remarks that are kept."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the engine: one coach and the rows it is to revise."""

    coach: CoachVersion
    requests: list[DraftRequest]
    errand: int = field(default=0, compare=False)
    """The Errand by which the engine's signs of life are told apart."""


def rows_of_batch(batch: Batch) -> Iterator[Row]:
    """All pairs of a batch as they were imported, in the order of its file."""
    for pair in batch.pairs.order_by("row", "pk").iterator(chunk_size=CHUNK):
        yield PairRow(
            number=pair.row,
            instruction=pair.instruction,
            input=pair.input,
            response=pair.response,
            external_id=pair.external_id,
            category=pair.category,
            context=pair.context,
            shape=pair.shape,
            extra=pair.extra,
        )


def rows_of_file(file: BinaryIO, name: str) -> Iterator[Row]:
    """The rows of a file of pairs; UnreadableFile where it is none."""
    return read_pairs(file, name=name)


def rows_of_objects(given: Sequence[object]) -> Iterator[Row]:
    """Decoded objects with the keys of a file's rows."""
    return (read_row(number, row) for number, row in enumerate(given, 1))


def coach_for(project: Project, pk: int | None = None) -> CoachVersion:
    """A coach of the project, by default the active one; Invalid if there is none."""
    if pk is None:
        coach = active_coach(project.scope)
    else:
        coach = usable_coaches(project.scope).filter(pk=pk).first()
    if coach is None:
        raise Invalid(
            gettext("This project has no such coach: train or promote one first.")
        )
    return coach


@transaction.atomic
def start(
    *,
    project: Project,
    actor: User,
    coach: CoachVersion,
    name: str,
    rows: Iterable[Row],
    leave_out_bad: bool = False,
) -> Rewrite:
    """Take a dataset in, ready to be revised; nothing is sent yet.

    Pairs that the coach was trained on get the experts' text at once (the paper's leak
    guard), or stay raw where that text is not at hand.

    Raises:
        NotAllowed: the actor's role does not cover it.
        Invalid: rows cannot be used (they are named) and are not to be left out, or
            there is none that can be used.
    """
    policies.require(actor, project, Deed.REVISE)
    rewrite = Rewrite.objects.create(
        project=project, coach=coach, name=name[:200], created_by=actor
    )
    known = knowledge(coach)
    bad: list[RowProblem] = []
    left_out = 0
    whole = iter(rows)
    while chunk := list(islice(whole, CHUNK)):
        problems = [row for row in chunk if isinstance(row, RowProblem)]
        bad += problems[: NAMED - len(bad)]
        left_out += len(problems)
        said = [remark for row in chunk for remark in remarks_on(row)]
        rewrite.remarks += said[: NAMED - len(rewrite.remarks)]
        made = [_made(rewrite, row) for row in chunk if isinstance(row, PairRow)]
        _settle_known(made, known([row.fingerprint for row in made]))
        RewriteRow.objects.bulk_create(made)
    if bad and not leave_out_bad:
        raise Invalid(_refusal(bad, left_out))
    if not rewrite.rows.exists():
        raise Invalid(
            gettext("%(name)s has no pair that can be revised.") % {"name": name}
        )
    rewrite.left_out = left_out
    rewrite.save(update_fields=["left_out", "remarks"])
    settling.finish_if_done(rewrite)
    return rewrite


def _made(rewrite: Rewrite, row: PairRow) -> RewriteRow:
    return RewriteRow(
        rewrite=rewrite,
        position=row.number,
        external_id=row.external_id,
        extra=columns(row),
        instruction=row.instruction,
        input=row.input,
        response=row.response,
        fingerprint=fingerprint(row.text),
    )


def _settle_known(
    rows: Iterable[RewriteRow], known: dict[str, PairText | None]
) -> None:
    for row in rows:
        if row.fingerprint not in known:
            continue
        text = known[row.fingerprint]
        problem = "" if text else TRAINED_ON
        source = RewriteRow.Source.EXPERTS if text else RewriteRow.Source.RAW
        result = DraftResult(key="", text=text or row.text, problem=problem)
        settling.settle(row, result, source)


def _refusal(bad: Sequence[RowProblem], count: int) -> str:
    row = gettext("row %(row)s: %(problem)s")
    rows = [row % {"row": each.number, "problem": each.message} for each in bad]
    if count > len(bad):
        rows.append(gettext("and %(count)s more") % {"count": count - len(bad)})
    sentence = ngettext(
        "%(count)s row cannot be used: %(rows)s.",
        "%(count)s rows cannot be used: %(rows)s.",
        count,
    )
    return sentence % {"count": count, "rows": "; ".join(rows)}


def take(rewrite_id: int) -> Message | None:
    """The next rows for the engine, now sent; None when enough are on their way.

    At most two messages a rewrite are in flight, one at work and one waiting: so
    drafts for people never stand behind a whole dataset. Rows that an engine died on
    go one by one (see suspicion), behind the others of their message.
    """
    taking_back.of_rewrite(rewrite_id)
    return _taken(rewrite_id)


@transaction.atomic
def _taken(rewrite_id: int) -> Message | None:
    found = Rewrite.objects.locked()
    rewrite = (
        found.select_related("coach", "project")
        .filter(pk=rewrite_id, state=Rewrite.State.RUNNING)
        .first()
    )
    if rewrite is None or _sent(rewrite) > settings.DRAFT_BATCH_SIZE:
        return None
    waiting = rewrite.rows.filter(state=RewriteRow.State.WAITING).order_by("position")
    rows = list(waiting[: settings.DRAFT_BATCH_SIZE])
    together = [row for row in rows if not row.suspicion] or rows[:1]
    return _message(rewrite, together) if rows else None


def _message(rewrite: Rewrite, rows: Sequence[RewriteRow]) -> Message:
    errand = errands.begin(len(rows))
    RewriteRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=RewriteRow.State.SENT, sent_at=timezone.now(), errand=errand
    )
    language = rewrite.project.language
    requests = [
        DraftRequest(key=str(row.pk), text=row.text, language=language) for row in rows
    ]
    return Message(rewrite.coach, requests, errand.pk)


def _sent(rewrite: Rewrite) -> int:
    return rewrite.rows.filter(state=RewriteRow.State.SENT).count()


@transaction.atomic
def store(*, rewrite_id: int, results: Iterable[DraftResult]) -> int:
    """Store what the engine wrote; how many rows are done by it.

    A row that is not on its way is skipped: an earlier delivery of the same message
    got there first, or the rewrite was cancelled.
    """
    by_id = {int(result.key): result for result in results}
    rewrite = Rewrite.objects.select_for_update(no_key=True).get(pk=rewrite_id)
    sent = RewriteRow.objects.filter(
        pk__in=list(by_id), rewrite=rewrite, state=RewriteRow.State.SENT
    )
    rows = list(sent.order_by("pk").select_for_update(no_key=True))
    ask = holding_back.for_datasets(rewrite.project, rewrite.coach)
    for row in rows:
        answer = by_id[row.pk]
        result = holding_back.kept_raw(row.text, answer, row.fingerprint, ask)
        unusable = bool(result.problem)
        source = row.Source.RAW if unusable else row.Source.COACH
        settling.settle(row, result, source)
    RewriteRow.objects.bulk_update(rows, settling.SETTLED)
    settling.finish_if_done(rewrite)
    return len(rows)


@transaction.atomic
def pause(*, rewrite: Rewrite, actor: User) -> Rewrite:
    """Send nothing more; what is on its way still comes back and is kept."""
    held = _held(rewrite, actor, Rewrite.State.RUNNING)
    held.state = Rewrite.State.PAUSED
    held.save(update_fields=["state"])
    return held


@transaction.atomic
def resume(*, rewrite: Rewrite, actor: User) -> Rewrite:
    """Go on; rows that had not come back are sent again at once."""
    held = _held(rewrite, actor, Rewrite.State.PAUSED)
    held.state = Rewrite.State.RUNNING
    held.running_since = timezone.now()
    held.save(update_fields=["state", "running_since"])
    _take_back(held)
    return held


@transaction.atomic
def cancel(*, rewrite: Rewrite, actor: User) -> Rewrite:
    """End it before its time; what is done stays and can be exported."""
    held = _held(rewrite, actor, Rewrite.State.RUNNING, Rewrite.State.PAUSED)
    settling.end(held, Rewrite.State.CANCELLED)
    _take_back(held)
    return held


def _held(rewrite: Rewrite, actor: User, *states: Rewrite.State) -> Rewrite:
    policies.require(actor, rewrite.project, Deed.REVISE)
    held = Rewrite.objects.select_for_update(no_key=True).get(pk=rewrite.pk)
    if held.state not in states:
        raise IllegalMove(
            gettext("%(held)s is %(state)s by now.")
            % {"held": held, "state": held.get_state_display()}
        )
    return held


def _take_back(rewrite: Rewrite) -> None:
    rewrite.rows.filter(state=RewriteRow.State.SENT).update(
        state=RewriteRow.State.WAITING, sent_at=None, errand=None
    )


def to_continue() -> list[int]:
    """The rewrites that are running."""
    running = Rewrite.objects.filter(state=Rewrite.State.RUNNING).order_by("pk")
    return list(running.values_list("pk", flat=True))


def export_rows(*, rewrite: Rewrite, actor: User) -> Iterator[dict[str, Any]]:
    """The rows that are done, in the dataset's order, each with its provenance."""
    policies.require(actor, rewrite.project, Deed.REVISE)
    coach = rewrite.coach.ref
    done = rewrite.rows.filter(state=RewriteRow.State.DONE).order_by("position")
    return (_exported(row, coach) for row in done.iterator(chunk_size=CHUNK))


def _exported(row: RewriteRow, coach: CoachRef) -> dict[str, Any]:
    result = DraftResult(
        key="",
        text=row.revised,
        problem=row.problem,
        mean_logprob=row.mean_logprob,
        new_tokens=row.new_tokens,
    )
    return row_of(
        row.text,
        result,
        source=row.source,
        number=row.position,
        extra=row.extra or {"id": row.external_id or None},
        coach=coach,
    )
