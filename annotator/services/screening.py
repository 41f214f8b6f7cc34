"""Decide what is worth revising, and who gets the coach's help with it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import chance
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.models import Pair, Project, User
from annotator.services import dealing
from annotator.services.workflow import move


def drawn_arm(project: Project, fingerprint: str) -> Arm:
    """The arm of a pair by its own hash: where arms are not compared, or not dealt."""
    seed = f"project-{project.pk}"
    return Arm(chance.arm(fingerprint, project.control_share, seed))


@transaction.atomic
def overrule(*, pair: Pair, actor: User) -> None:
    """Put an excluded pair into the queue after all."""
    policies.require(actor, pair.project, Deed.IMPORT)
    if pair.state != PairState.EXCLUDED:
        raise IllegalMove(
            gettext("This pair is not excluded, so nothing is to be overruled.")
        )
    arm = pair.arm or _late_arm(pair)
    move(
        pair,
        PairState.QUEUED,
        action=Action.EXCLUSION_OVERRULED,
        actor=actor,
        arm=arm,
        exclusion_reason="",
        exclusion_note="",
    )


def _late_arm(pair: Pair) -> Arm:
    """Of a pair that a rule had excluded: the next of its stratum, if there are any."""
    if pair.batch.control_share is None:
        return drawn_arm(pair.project, pair.fingerprint)
    dealt = dealing.deal(pair.batch_id, [pair])
    pair.save(update_fields=["dealt_as"])
    return next(arm for arm, members in dealt.items() if members)


def exclusion(reason: str) -> ExclusionReason:
    """Read a reason; Invalid names those there are."""
    try:
        return ExclusionReason(reason)
    except ValueError:
        known = ", ".join(ExclusionReason)
        raise Invalid(
            gettext("Choose a reason to exclude the pair: %(known)s.")
            % {"known": known}
        ) from None
