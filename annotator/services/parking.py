"""A lead's decision about a pair that its annotator skipped."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.models import Pair, User
from annotator.services import screening, telling_of_reviews
from annotator.services.workflow import move, set_aside


@transaction.atomic
def decide(
    *, pair: Pair, actor: User, action: str, reason: str = "", note: str = ""
) -> None:
    """`queue` offers the pair again, to others; `exclude` sets it aside for a reason.

    IllegalMove unless the pair is parked.
    """
    policies.require(actor, pair.project, Deed.IMPORT)
    if pair.state != PairState.PARKED:
        raise IllegalMove(gettext("This pair does not wait for a lead."))
    if action == "queue":
        move(
            pair,
            PairState.READY,
            action=Action.BACK_TO_THE_QUEUE,
            actor=actor,
            note=note,
        )
    elif action == "exclude":
        why = screening.exclusion(reason)
        set_aside(
            pair, why, action=Action.EXCLUDED, note=note, actor=actor, first_author=None
        )
    else:
        raise Invalid(
            gettext("A parked pair can be queued or excluded, not %(action)r.")
            % {"action": action}
        )
    telling_of_reviews.unparked(pair, actor, action, note)
