"""A challenge on a project's live work: begun by people, settled by its rule."""

from __future__ import annotations

from django.utils.translation import gettext

from annotator import policies
from annotator.domain.challenge.rule import ChallengeCode, ChallengeFinding
from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project, User
from annotator.selectors import challenges
from training.models import Challenge, CoachVersion
from training.services import challenging, registry

Outcome = Challenge.Outcome


class ChallengeRefused(WorkflowError):
    """It cannot begin or end so; the sentence says why."""

    code = "challenge_refused"


def start(
    *,
    project: Project,
    actor: User,
    challenger: CoachVersion,
    share: float | None = None,
    needed: int | None = None,
) -> Challenge:
    """Put a coach on trial; share and reviews are the project's if not given."""
    policies.require(actor, project, Deed.PROMOTE)
    try:
        return challenging.start(
            scope=project.scope,
            challenger=challenger,
            share=project.challenge_share if share is None else share,
            needed=project.challenge_reviews if needed is None else needed,
            actor=actor,
        )
    except challenging.NotChallengeable as error:
        raise ChallengeRefused(str(error)) from None


def end(
    *,
    project: Project,
    actor: User,
    challenge: Challenge,
    outcome: str,
    reason: str = "",
) -> Challenge:
    """End a challenge as a person decides: promote, keep the champion, or stop."""
    policies.require(actor, project, Deed.PROMOTE)
    if outcome not in Outcome.values:
        raise Invalid(
            gettext("A challenge cannot end as %(outcome)r.") % {"outcome": outcome}
        )
    try:
        return challenging.end(
            challenge=challenge, outcome=outcome, actor=actor, reason=reason
        )
    except (challenging.NotOpen, registry.NotPromotable) as error:
        raise ChallengeRefused(str(error)) from None


def settle(challenge: Challenge) -> Challenge | None:
    """End a challenge as its rule says; None while it says nothing.

    Safe to call twice, and while a person ends it. A challenger that has won but that
    the registry refuses leaves no open challenge behind: it is stopped.
    """
    verdict = challenges.verdict(challenge)
    if not verdict.is_final:
        return None
    outcome = Outcome.WON if verdict.code == ChallengeCode.BETTER else Outcome.LOST
    reason = reason_of(verdict)
    try:
        return _ended(challenge, outcome, reason)
    except registry.NotPromotable as error:
        return _ended(challenge, Outcome.STOPPED, f"{reason} {error}")


def _ended(challenge: Challenge, outcome: str, reason: str) -> Challenge | None:
    try:
        return challenging.end(
            challenge=challenge, outcome=outcome, actor=None, reason=reason
        )
    except challenging.NotOpen:
        return None


def settle_all() -> int:
    """Sweep: settle every open challenge that its rule has decided; how many."""
    found = Challenge.objects.filter(outcome="").select_related(
        "champion", "challenger"
    )
    return sum(settle(challenge) is not None for challenge in found)


SENTENCES = {
    ChallengeCode.BETTER: "Less to change in its drafts.",
    ChallengeCode.WORSE: "More to change in its drafts.",
    ChallengeCode.GUARDED: "Less to change in its drafts, but worse by: {guard}.",
    ChallengeCode.NO_DIFFERENCE: "No difference was found.",
}


def reason_of(verdict: ChallengeFinding) -> str:
    """A verdict in one sentence with its numbers, for the log."""
    gap = verdict.difference
    assert gap is not None
    found = SENTENCES[verdict.code].format(guard=verdict.guard)
    return (
        f"{found} Mean characters changed: challenger {verdict.challenger:.1f} "
        f"({verdict.n_challenger} reviews), champion {verdict.champion:.1f} "
        f"({verdict.n_champion} reviews), difference {gap.value:+.1f} "
        f"[{gap.low:+.1f}, {gap.high:+.1f}] (97.5 %), look {verdict.look} of 2."
    )
