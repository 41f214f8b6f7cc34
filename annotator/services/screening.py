"""Decide what is worth revising, and who gets the coach's help with it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotator import policies
from annotator.domain import sampling
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.formats import rules
from annotator.models import Pair, Project, User
from annotator.services.workflow import move, move_all


def arm_of(project: Project, fingerprint: str) -> Arm:
    """The arm of a pair: by hash, so that nobody chooses and it can be recounted."""
    seed = f"project-{project.pk}"
    return Arm(sampling.arm(fingerprint, project.control_share, seed))


@transaction.atomic
def screen(*, project: Project, pairs: Sequence[Pair]) -> None:
    """Exclude imported pairs that a rule catches; queue the others, each in its arm."""
    by_arm: dict[Arm, list[Pair]] = {arm: [] for arm in Arm}
    for pair in pairs:
        caught = rules.screen(pair.text)
        if caught:
            move(
                pair,
                PairState.EXCLUDED,
                action="excluded by rule",
                note=caught.sentence,
                exclusion_reason=caught.reason,
                exclusion_note=caught.sentence,
            )
        else:
            by_arm[arm_of(project, pair.fingerprint)].append(pair)
    for arm, members in by_arm.items():
        move_all(members, PairState.QUEUED, action="queued", arm=arm)


@transaction.atomic
def overrule(*, pair: Pair, actor: User) -> None:
    """Put an excluded pair into the queue after all."""
    policies.require(actor, pair.project, Deed.IMPORT)
    move(
        pair,
        PairState.QUEUED,
        action="exclusion overruled",
        actor=actor,
        arm=pair.arm or arm_of(pair.project, pair.fingerprint),
        exclusion_reason="",
        exclusion_note="",
    )


def exclusion(reason: str) -> ExclusionReason:
    """Read a reason; Invalid names those there are."""
    try:
        return ExclusionReason(reason)
    except ValueError:
        known = ", ".join(ExclusionReason)
        raise Invalid(f"Choose a reason to exclude the pair: {known}.") from None
