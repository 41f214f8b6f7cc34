"""A lead's decision about a pair that its annotator skipped."""

from __future__ import annotations

from django.db import transaction

from annotator import policies
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import Pair, User
from annotator.services import screening
from annotator.services.workflow import move


@transaction.atomic
def decide(
    *, pair: Pair, actor: User, action: str, reason: str = "", note: str = ""
) -> None:
    """`queue` offers the pair again, to others; `exclude` sets it aside for a reason.

    IllegalMove unless the pair is parked.
    """
    policies.require(actor, pair.project, Deed.IMPORT)
    if pair.state != PairState.PARKED:
        raise IllegalMove("This pair does not wait for a lead.")
    if action == "queue":
        move(pair, PairState.READY, action="back to the queue", actor=actor, note=note)
    elif action == "exclude":
        why = screening.exclusion(reason)
        move(
            pair,
            PairState.EXCLUDED,
            action="excluded",
            actor=actor,
            note=note,
            exclusion_reason=why,
            exclusion_note=note,
            first_author=None,
        )
    else:
        raise Invalid(f"A parked pair can be queued or excluded, not {action!r}.")
