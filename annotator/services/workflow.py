"""The one writer of `Pair.state`, and of the history row that goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator.database.updating import update_each
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState, may_move
from annotator.models import AuditEvent, Pair, User


# No savepoint of its own: a step that fails fails with all that goes with it.
@transaction.atomic(savepoint=False)
def move_all(
    pairs: Sequence[Pair],
    to: PairState,
    *,
    action: Action,
    actor: User | None = None,
    note: str = "",
    notes: Mapping[int, str] | None = None,
    deed: UUID | None = None,
    **changes: Any,
) -> None:
    """Take pairs one step further, all or none, and write down that it happened.

    `notes`: by primary key, for pairs of which the history says each its own.

    Compare-and-set: IllegalMove if the table has no such step, or if somebody has
    moved one of the pairs since it was read.
    """
    for pair in pairs:
        old = PairState(pair.state)
        if not may_move(old, to):
            raise IllegalMove(
                gettext("A pair that is %(old)s cannot become %(to)s.")
                % {"old": old, "to": to}
            )
    now = timezone.now()
    for state in {pair.state for pair in pairs}:
        ids = [pair.pk for pair in pairs if pair.state == state]
        unmoved = Pair.objects.filter(pk__in=ids, state=state)
        if unmoved.update(state=to, state_since=now, **changes) != len(ids):
            raise IllegalMove(gettext("Someone else has just changed this pair."))
    AuditEvent.objects.bulk_create(
        AuditEvent(
            pair=pair,
            actor=actor,
            action=action,
            old_state=pair.state,
            new_state=to,
            note=(notes or {}).get(pair.pk, note),
            deed=deed,
        )
        for pair in pairs
    )
    for pair in pairs:
        pair.state, pair.state_since = to, now
        for name, value in changes.items():
            setattr(pair, name, value)


def move(
    pair: Pair,
    to: PairState,
    *,
    action: Action,
    actor: User | None = None,
    note: str = "",
    deed: UUID | None = None,
    **changes: Any,
) -> None:
    """Take one pair one step further (see `move_all`)."""
    move_all([pair], to, action=action, actor=actor, note=note, deed=deed, **changes)


def set_aside(
    pair: Pair,
    reason: ExclusionReason,
    *,
    action: Action,
    note: str,
    why: str = "",
    actor: User | None = None,
    deed: UUID | None = None,
    **changes: Any,
) -> None:
    """Take a pair out of the work, and say why: in `note`, unless `why` is given."""
    move(
        pair,
        PairState.EXCLUDED,
        action=action,
        actor=actor,
        note=note,
        deed=deed,
        exclusion_reason=reason,
        exclusion_note=why or note,
        **changes,
    )


def set_aside_each(
    found: Sequence[tuple[Pair, ExclusionReason, str]],
    *,
    action: Action,
    actor: User | None = None,
) -> None:
    """Take many pairs out of the work, each for its own reason, said in a sentence."""
    for reason in dict.fromkeys(reason for _, reason, _ in found):
        notes = {pair.pk: why for pair, each, why in found if each == reason}
        move_all(
            [pair for pair, each, _ in found if each == reason],
            PairState.EXCLUDED,
            action=action,
            actor=actor,
            notes=notes,
            exclusion_reason=reason,
        )
        rows = {pk: [why] for pk, why in notes.items()}
        update_each(Pair, {"exclusion_note": "text"}, rows)
    for pair, _, why in found:
        pair.exclusion_note = why


def write_down(
    pairs: Sequence[Pair], *, action: Action, actor: User | None = None, note: str = ""
) -> None:
    """Say in the history that something happened which changed no state."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            pair=pair,
            actor=actor,
            action=action,
            old_state=pair.state,
            new_state=pair.state,
            note=note,
        )
        for pair in pairs
    )
