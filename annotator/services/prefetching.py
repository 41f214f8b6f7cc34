"""The next pair, ready in the browser before it is asked for, and not yet anybody's.

What is reserved becomes a hold when the person asks (`queueing.claim`), and not before:
so no second of it is work, and no figure counts it as claimed.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotator import policies
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Lease, Membership, Pair, Prefetch, Project, User
from annotator.selectors import offered
from annotator.services import queueing

KEPT = timedelta(seconds=90)
"""Six heartbeats: who has not worked for so long does not keep a pair from others."""


@transaction.atomic
def reserve(*, project: Project, person: User, tab: UUID) -> Lease | None:
    """Keep the pair that the person's next claim gives them; the hold that it becomes,
    not stored.

    None for a tab that does not hold the pen of a pair in hand, in an archived project,
    where something of their own comes first, where the next pair has been opened
    before (what stands on its page may change), and where so few pairs wait that a
    colleague who comes now might find none.
    """
    policies.require(person, project, Deed.ANNOTATE)
    # The person's row is locked by this: a claim of theirs comes before or after.
    in_hand = queueing.held_by(project, person, Stage.REVIEW)
    if in_hand is None or in_hand.tab != tab or project.is_archived:
        return None
    kept, pair = _kept(project, person)
    if pair is None:
        free(person, project=project)
        pair = _next(project, person)
        if pair is None:
            return None
        kept = Prefetch(pair=pair, project=project, person=person)
    kept.tab, kept.until = tab, timezone.now() + KEPT
    kept.save()
    return _as_hold(kept, pair)


def _kept(project: Project, person: User) -> tuple[Prefetch, Pair | None]:
    """What they have reserved already, if it is still next for them."""
    own, reserved, *_ = offered.kinds(project, person, Stage.REVIEW)
    mine = Prefetch.objects.filter(project=project, person=person).first()
    if mine is None or own.exists():
        return mine or Prefetch(), None
    related = reserved.select_related("project", "batch", "draft__coach")
    return mine, related.filter(opened=False).first()


def _next(project: Project, person: User) -> Pair | None:
    own, _, waiting, *_ = offered.kinds(project, person, Stage.REVIEW)
    others = Membership.objects.filter(project=project).exclude(user=person).count()
    if own.exists() or waiting[: others + 1].count() <= others:
        return None
    related = waiting.select_related("project", "batch", "draft__coach")
    pair = related.locked(skip=True).first()
    if pair is None or pair.opened or Prefetch.objects.filter(pair=pair).exists():
        return None
    return pair


def _as_hold(kept: Prefetch, pair: Pair) -> Lease:
    hold = Lease(
        token=kept.token,
        pair=pair,
        stage=Stage.REVIEW,
        holder=kept.person,
        draft=pair.draft,
        expires_at=kept.until,
    )
    hold.first_time = True
    return hold


def keep(person: User, tab: UUID) -> None:
    """The person works on in this tab: what lies ready in it stays theirs."""
    mine = Prefetch.objects.filter(person=person, tab=tab)
    mine.update(until=timezone.now() + KEPT)


def give_back(*, token: UUID, person: User, tab: UUID) -> None:
    """The tab that a pair lay ready in is closed; a second tab's stays."""
    Prefetch.objects.filter(token=token, person=person, tab=tab).delete()


def free(person: User, *, project: Project | None = None) -> None:
    """Whatever lies ready for the person waits for everybody again."""
    mine = Prefetch.objects.filter(person=person)
    (mine.filter(project=project) if project else mine).delete()


def sweep() -> int:
    """Forget what nobody came for; how many."""
    deleted, _ = Prefetch.objects.filter(until__lt=timezone.now()).delete()
    return deleted
