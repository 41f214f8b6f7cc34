"""Who holds which pair: leases are claimed, kept alive, given back and swept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import IllegalMove, LeaseLost
from annotator.domain.roles import Deed
from annotator.domain.states import PairState, Stage
from annotator.models import Draft, Lease, Pair, Project, User
from annotator.selectors import offered, times
from annotator.selectors.offered import STAGES
from annotator.services import checking, controls, telling
from annotator.services.workflow import move

MOST_RELEASED = 20
"""Holds that one claim ends for others: while no sweep runs each claim ends some."""
KEEP_FOR_TYPIST = timedelta(hours=1)
"""How long a pair waits for the person whose unsent text lies beside it."""


CLAIMED = {
    Stage.REVIEW: Action.CLAIMED_FOR_REVIEW,
    Stage.QUALITY: Action.CLAIMED_FOR_QUALITY,
}


@transaction.atomic
def claim(*, project: Project, person: User, stage: Stage) -> Lease | None:
    """The pair the person already holds, else the next one; None if none waits.

    Holds of others that have run out are over here, sweep or no sweep. Rows that
    another transaction is just claiming are skipped, so nobody waits and nobody gets
    the same pair; the database's `one_holder_a_pair` stands behind it.
    """
    deed = STAGES[stage][2]
    policies.require(person, project, deed)
    if mine := held_by(project, person, stage):
        return keep_alive(mine)
    if project.is_archived:
        return None
    release_expired(project, at_most=MOST_RELEASED)
    pair = None
    if stage == Stage.REVIEW:
        pair = checking.due(project, person)
    pair = pair or _next(project, person, stage)
    if pair is None and stage == Stage.REVIEW:
        # Without an engine or a broker, too.
        brought = controls.bring(project, none_waits=True)
        pair = _next(project, person, stage) if brought else None
    if pair is None or (stage == Stage.REVIEW and controls.is_too_early(pair)):
        return None
    draft = _draft_of(pair) if stage == Stage.REVIEW else None
    return hold(pair, person, stage, CLAIMED[stage], draft=draft)


def _draft_of(pair: Pair) -> Draft | None:
    """The draft of a locked pair, read after the lock: a new coach's may have taken
    its place between the two, and a row that was joined before it would be lost."""
    drafts = Draft.objects.select_related("coach")
    return drafts.get(pk=pair.draft_id) if pair.draft_id else None


def hold(
    pair: Pair,
    person: User,
    stage: Stage,
    action: Action,
    *,
    draft: Draft | None,
    **changes: Any,
) -> Lease:
    """Give a locked pair to a person, with the draft they are to see."""
    first_time = not pair.opened
    if pair.reserved_for_id == person.pk:
        telling.taken_up(person, pair.pk)
    move(pair, STAGES[stage][1], action=action, actor=person, opened=True, **changes)
    lease = Lease.objects.create(
        token=(first_time and _end_prefetch(pair, person)) or uuid4(),
        pair=pair,
        stage=stage,
        holder=person,
        draft=draft,
        expires_at=_expiry(pair.project),
    )
    lease.first_time = first_time
    return lease


def _end_prefetch(pair: Pair, person: User) -> UUID | None:
    """The pair is somebody's from here on; the token under which it lay ready for
    them."""
    kept = getattr(pair, "prefetch", None)
    if kept is None:
        return None
    kept.delete()
    token: UUID | None = kept.token if kept.person_id == person.pk else None
    return token


@transaction.atomic
def claim_again(*, pair: Pair, person: User) -> Lease:
    """Take one pair that waits, for somebody whose text lies beside it.

    IllegalMove if it does not wait any more. A pair held meanwhile is laid down.
    """
    policies.require(person, pair.project, Deed.ANNOTATE)
    held_now = held_by(pair.project, person, Stage.REVIEW)
    if held_now and held_now.pair_id == pair.pk:
        return keep_alive(held_now)
    lay_down(project=pair.project, person=person)
    release_expired(pair.project, at_most=MOST_RELEASED)
    pairs = Pair.objects.select_related("project")
    locked = pairs.locked().get(pk=pair.pk)
    if locked.state != PairState.READY:
        raise IllegalMove(
            gettext("Nobody can take this pair now: it does not wait any more.")
        )
    if locked.first_author_id == person.pk:
        raise IllegalMove(
            gettext("Your text is submitted; a second person revises the pair.")
        )
    draft = _draft_of(locked)
    return hold(locked, person, Stage.REVIEW, Action.CLAIMED_AGAIN, draft=draft)


def lay_down(*, project: Project, person: User, stage: Stage = Stage.REVIEW) -> None:
    """End the person's running lease, if any; its pair waits for them."""
    lease = held_by(project, person, stage)
    if lease is None:
        return
    end(lease)
    move(
        lease.pair,
        STAGES[stage][0],
        action=Action.LAID_DOWN,
        actor=person,
        reserved_for=person,
        reserved_until=_typist_limit(),
    )


def held_by(project: Project, person: User, stage: Stage) -> Lease | None:
    """The person's running hold; a second tab of theirs claims only after us."""
    one_at_a_time(project, person)
    return (
        Lease.objects.of_project(project)
        .running()
        .filter(holder=person, stage=stage)
        .select_related("pair__project", "pair__batch", "draft__coach")
        .first()
    )


def one_at_a_time(project: Project, person: User) -> None:
    """Let nobody else claim for the person here until this transaction ends.

    Not by their row: whoever holds that keeps them from signing in, and from every
    other project, for as long as the demo's weeks are told.
    """
    with connection.cursor() as cursor:
        key = f"claim {project.pk} {person.pk}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _next(project: Project, person: User, stage: Stage) -> Pair | None:
    """Lock the first pair of the first kind that has one.

    One query a kind, so that each can walk its index and stop at the first row.
    """
    for pairs in offered.kinds(project, person, stage):
        related = pairs.select_related("project", "batch", "prefetch")
        locked = related.locked(skip=True)
        if pair := locked.first():
            return pair
    return None


def _expiry(project: Project) -> datetime:
    return timezone.now() + timedelta(minutes=project.lease_minutes)


def held(*, token: UUID, person: User, stage: Stage) -> Lease:
    """Lock and return the person's running lease; LeaseLost if it has ended.

    NotAllowed if their role does not cover the stage any more.
    """
    # The draft is read after the lock: a row that was joined before it is lost where a
    # save has just put another draft in its place.
    lease = (
        Lease.objects.locked()
        .select_related("pair__project")
        .filter(token=token, holder=person, stage=stage)
        .first()
    )
    if lease:
        lease.holder = person  # whose roles are read already
    if lease is None or lease.ended_at is not None:
        raise LeaseLost(
            gettext("Your hold on this pair has ended. What you typed was kept.")
        )
    require_role(lease)
    return lease


def require_role(lease: Lease) -> None:
    """NotAllowed unless the holder's role still covers what the hold is for."""
    policies.require(lease.holder, lease.pair.project, STAGES[Stage(lease.stage)][2])


def is_running(lease: Lease) -> bool:
    """Whether the hold has not ended since the row was read."""
    return Lease.objects.filter(pk=lease.pk, ended_at=None).exists()


def keep_alive(lease: Lease) -> Lease:
    """Let a lease run on from now: the person is there."""
    lease.expires_at = _expiry(lease.pair.project)
    lease.save(update_fields=["expires_at"])
    return lease


def end(lease: Lease) -> None:
    """Close a lease; its token is worth nothing from here on."""
    lease.ended_at = timezone.now()
    lease.active_seconds = times.of_lease(lease).active
    lease.save(update_fields=["ended_at", "active_seconds"])


def release_expired(
    project: Project | None = None, *, at_most: int | None = None
) -> int:
    """End leases that ran out, and offer their pairs again; how many.

    The sweep ends all. Who claims or counts ends those of the project first, the
    oldest before others, so that nobody waits for a sweep that does not come.
    """
    over = Lease.objects.run_out()
    if project:
        over = over.of_project(project)
    found = over.order_by("expires_at").values_list("pk", flat=True)
    return sum(_release(pk) for pk in found[:at_most])


@transaction.atomic
def _release(lease_id: int) -> int:
    lease = (
        Lease.objects.locked(skip=True)
        .select_related("pair__project")
        .run_out()
        .filter(pk=lease_id)
        .first()
    )
    if lease is None:  # kept alive or submitted while we looked
        return 0
    end(lease)
    typed = lease.pair.autosaves.filter(author=lease.holder, used_at=None).exists()
    keep: dict[str, Any] = {
        "reserved_for": lease.holder,
        "reserved_until": _typist_limit(),
    }
    move(
        lease.pair,
        STAGES[Stage(lease.stage)][0],
        action=Action.LEASE_RAN_OUT,
        **(keep if typed else {}),
    )
    return 1


def _typist_limit() -> datetime:
    return timezone.now() + KEEP_FOR_TYPIST
