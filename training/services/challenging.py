"""A coach on trial: started, and ended with or without its promotion."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from training.models import Challenge, CoachVersion, Promotion, TrainingRun
from training.selectors import active_coach, open_challenge
from training.services import registry


class NotChallengeable(ValueError):
    """The challenge cannot begin; the message says why."""


class NotOpen(ValueError):
    """The challenge has ended already; the message says how."""


@transaction.atomic
def start(
    *, scope: str, challenger: CoachVersion, share: float, needed: int, actor: Any
) -> Challenge:
    """Put a coach on trial beside the active one, for a share of the new drafts.

    `needed` reviews of each coach are waited for before it is decided.
    """
    registry.lock(scope)
    if not 0 < share < 1:
        raise NotChallengeable(
            gettext("The share must be between 0 and 1, got %(share)s.")
            % {"share": f"{share:g}"}
        )
    if needed < 1:
        raise NotChallengeable(
            gettext("At least one review is needed, got %(needed)s.")
            % {"needed": needed}
        )
    return Challenge.objects.create(
        scope=scope,
        champion=_champion(scope, challenger),
        challenger=challenger,
        share=share,
        needed=needed,
        started_by=actor,
    )


def _champion(scope: str, challenger: CoachVersion) -> CoachVersion:
    """The active coach, which the challenger may be tried against."""
    champion = active_coach(scope)
    if challenger.scope != scope:
        raise NotChallengeable(
            gettext("%(challenger)s is not a coach of %(scope)s.")
            % {"challenger": challenger, "scope": scope}
        )
    if champion is None:
        raise NotChallengeable(gettext("There is no active coach to challenge."))
    if champion == challenger:
        raise NotChallengeable(
            gettext("%(challenger)s is the active coach itself.")
            % {"challenger": challenger}
        )
    if challenger.run and challenger.run.state != TrainingRun.State.READY:
        state = challenger.run.get_state_display()
        raise NotChallengeable(
            gettext("The run of %(challenger)s is %(state)s.")
            % {"challenger": challenger, "state": state}
        )
    if running := open_challenge(scope):
        raise NotChallengeable(
            gettext("Another challenge is open: %(running)s.") % {"running": running}
        )
    return champion


@transaction.atomic
def end(
    *, challenge: Challenge, outcome: str, actor: Any, reason: str = ""
) -> Challenge:
    """End a challenge for good; WON promotes the challenger in the same breath.

    Raises:
        NotOpen: it has ended already, by whatever else came first.
        registry.NotPromotable: the registry refuses the challenger; it stays open.
    """
    registry.lock(challenge.scope)
    held = Challenge.objects.select_related("champion", "challenger").get(
        pk=challenge.pk
    )
    if held.outcome:
        raise NotOpen(
            gettext("This challenge has ended: %(outcome)s.")
            % {"outcome": held.get_outcome_display()}
        )
    held.outcome = Challenge.Outcome(outcome)
    held.reason = reason
    held.ended_by = actor
    held.ended_at = timezone.now()
    held.save(update_fields=["outcome", "reason", "ended_by", "ended_at"])
    if held.outcome == Challenge.Outcome.WON:
        registry.promote(
            coach=held.challenger,
            actor=actor,
            reason=reason,
            way=Promotion.Way.CHALLENGE,
        )
    return held
