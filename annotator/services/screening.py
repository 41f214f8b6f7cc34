"""Decide what is worth revising, and who gets the coach's help with it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotator import policies
from annotator.domain import chance
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove, Invalid
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.formats import rules
from annotator.models import Pair, Project, User
from annotator.services import dealing
from annotator.services.workflow import move, move_all, set_aside


def drawn_arm(project: Project, fingerprint: str) -> Arm:
    """The arm of a pair by its own hash: where arms are not compared, or not dealt."""
    seed = f"project-{project.pk}"
    return Arm(chance.arm(fingerprint, project.control_share, seed))


@transaction.atomic
def screen(*, project: Project, pairs: Sequence[Pair]) -> None:
    """Exclude imported pairs that a rule catches; queue the others, each in its arm."""
    wanted: dict[int, list[Pair]] = {}
    for pair in pairs:
        caught = rules.screen(pair.text)
        if caught:
            set_aside(
                pair,
                caught.reason,
                action=Action.EXCLUDED_BY_RULE,
                note=caught.sentence,
            )
        else:
            wanted.setdefault(pair.batch_id, []).append(pair)
    for batch_id, of_batch in wanted.items():
        for arm, members in dealing.deal(batch_id, of_batch).items():
            move_all(members, PairState.QUEUED, action=Action.QUEUED, arm=arm)


@transaction.atomic
def overrule(*, pair: Pair, actor: User) -> None:
    """Put an excluded pair into the queue after all."""
    policies.require(actor, pair.project, Deed.IMPORT)
    if pair.state != PairState.EXCLUDED:
        raise IllegalMove("This pair is not set aside, so nothing is to be overruled.")
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
    return next(arm for arm, members in dealt.items() if members)


def exclusion(reason: str) -> ExclusionReason:
    """Read a reason; Invalid names those there are."""
    try:
        return ExclusionReason(reason)
    except ValueError:
        known = ", ".join(ExclusionReason)
        raise Invalid(f"Choose a reason to exclude the pair: {known}.") from None
