"""The estimate of which drafts help learns from the reviews of these drafts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet

from annotator.domain.states import PairState
from annotator.models import Project, Review
from training.evaluation.helpfulness import Example, Origin, example
from training.models import CoachVersion
from training.selectors import active_coach, help_estimate, open_challenge
from training.services import estimating

FRESH = 25
"""Accepted reviews that came since the last fit before there is another one."""
MOST = 5_000
"""Newest reviews that a fit takes."""


def refit_all() -> int:
    """Fit anew, for each project's coaches, what has enough fresh reviews; how many."""
    return sum(
        refit_if_due(project, coach)
        for project in Project.objects.active()
        for coach in _drafting(project)
    )


@transaction.atomic
def refit_if_due(project: Project, coach: CoachVersion) -> bool:
    """Fit one coach's estimate anew if FRESH accepted reviews came; whether it was."""
    CoachVersion.objects.select_for_update(no_key=True).get(pk=coach.pk)
    row = help_estimate(coach)
    known = row.reviews if row else 0
    if _finished(project, coach).count() < min(known + FRESH, MOST):
        return False
    if row and known >= MOST and not _has_fresh(project, coach, row.made_at):
        return False
    return estimating.refit(coach, _examples(project, coach)) is not None


def _drafting(project: Project) -> Sequence[CoachVersion]:
    challenge = open_challenge(project.scope)
    if challenge:
        return [challenge.champion, challenge.challenger]
    active = active_coach(project.scope)
    return [active] if active else []


def _finished(project: Project, coach: CoachVersion) -> QuerySet[Review]:
    """Accepted reviews of pairs that this coach drafted, usably, of its own accord.

    Of a pair whose draft a person asked for, they chose it: that says nothing of those
    that come unasked.
    """
    usable = Q(pair__draft__problem="") | Q(pair__draft__held_back__problem="")
    of_its_draft = Q(draft=F("pair__draft")) | Q(draft=F("pair__draft__held_back"))
    return Review.objects.standing().filter(
        usable,
        of_its_draft,
        pair__project=project,
        pair__state=PairState.ACCEPTED,
        verdict__accepted=True,
        is_imported=False,
        pair__draft__coach=coach,
        pair__draft__hint="",
    )


def _has_fresh(project: Project, coach: CoachVersion, since: object) -> bool:
    fresh = _finished(project, coach).filter(submitted_at__gt=since)
    return fresh[FRESH - 1 : FRESH].exists()


def _examples(project: Project, coach: CoachVersion) -> list[Example]:
    reviews = _finished(project, coach).select_related(
        "pair", "draft__held_back", "verdict__fix"
    )
    newest = reviews.order_by("-pk")[:MOST]
    return [_one(review) for review in newest]


def _one(review: Review) -> Example:
    assert review.draft is not None
    written = review.draft.written
    return example(
        key=f"pair-{review.pair_id}",
        origin=Origin.REVIEWED,
        raw=review.pair.text,
        draft=written.text,
        final=review.outcome,
        mean_logprob=written.mean_logprob,
    )
