"""A draft of an audition has come, or comes no more; with the last one it is over."""

from __future__ import annotations

from django.utils import timezone

from annotator.domain.line_ends import with_newlines
from annotator.models import Audition, AuditionDraft, Errand
from annotator.models.locking import LockingQuerySet
from annotator.services.holding_back import Ask
from revision_engine.types import DraftResult
from training.examples import fingerprint

State = AuditionDraft.State


def settle(row: AuditionDraft, result: DraftResult, ask: Ask) -> None:
    """Store what the engine answered, and what people would have been shown."""
    raw, text = row.pair.text, with_newlines(result.text)
    found, row.is_held_back = ask(raw, result, fingerprint(raw))
    row.helpfulness = found
    row.instruction, row.input, row.response = (
        text.instruction,
        text.input,
        text.response,
    )
    row.problem = result.problem
    row.mean_logprob = result.mean_logprob
    row.new_tokens, row.seconds = result.new_tokens, result.seconds
    _end(row, State.DONE)


def take_back(
    found: LockingQuerySet[AuditionDraft], errand: Errand, *, died: bool
) -> int:
    """Let drafts be asked for again, or give up those on which engines fail."""
    rows = found.filter(state=State.SENT).select_related("pair__audition")
    locked = list(rows.locked(skip=True))
    for row in locked:
        row.tries += died or errand.failed
        row.errand, row.sent_at = None, None
        if row.tries >= AuditionDraft.MOST_TRIES:
            _end(row, State.FAILED)
        else:
            row.state = State.WAITING
            row.save()
    for audition in {row.pair.audition for row in locked}:
        finish_if_done(audition)
    return len(locked)


def _end(row: AuditionDraft, state: AuditionDraft.State) -> None:
    row.state, row.errand, row.done_at = state, None, timezone.now()
    row.save()


def finish_if_done(audition: Audition) -> None:
    """End an audition whose every draft has come, or has been given up."""
    open_ones = AuditionDraft.objects.filter(
        pair__audition=audition, state__in=[State.WAITING, State.SENT]
    )
    if not open_ones.exists():
        close(audition, Audition.State.DONE)


def close(audition: Audition, state: Audition.State) -> bool:
    """End an audition that runs; whether it did."""
    running = Audition.objects.filter(pk=audition.pk, state=Audition.State.RUNNING)
    return bool(running.update(state=state, finished_at=timezone.now()))
