"""Who holds which pair: leases are claimed, kept alive, given back and swept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.utils import timezone

from annotator import policies
from annotator.domain.errors import LeaseLost
from annotator.domain.roles import Deed
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Pair, Project, User
from annotator.services.workflow import move

# stage -> the state a pair waits in, the state it is held in, the deed it takes
STAGES = {
    Stage.REVIEW: (PairState.READY, PairState.IN_REVIEW, Deed.ANNOTATE),
    Stage.QUALITY: (PairState.REVIEWED, PairState.IN_QUALITY, Deed.JUDGE),
}
KEEP_FOR_TYPIST = timedelta(hours=1)
"""How long a pair waits for the person whose unsent text lies beside it."""


@transaction.atomic
def claim(*, project: Project, person: User, stage: Stage) -> Lease | None:
    """The pair the person already holds, else the next one; None if none waits.

    Rows that another transaction is just claiming are skipped, so nobody waits and
    nobody gets the same pair; the database's `one_holder_a_pair` stands behind it.
    """
    _, held, deed = STAGES[stage]
    policies.require(person, project, deed)
    if mine := _held_by(project, person, stage):
        return keep_alive(mine)
    pair = (
        _offered(project, person, stage)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if pair is None:
        return None
    move(pair, held, action=f"claimed for {stage}", actor=person, opened=True)
    return Lease.objects.create(
        pair=pair,
        stage=stage,
        holder=person,
        draft=pair.draft if stage == Stage.REVIEW else None,
        expires_at=_expiry(project),
    )


def _held_by(project: Project, person: User, stage: Stage) -> Lease | None:
    """Resume first; the row lock keeps a second tab from claiming beside us."""
    User.objects.select_for_update().get(pk=person.pk)
    return (
        Lease.objects.filter(
            holder=person, stage=stage, pair__project=project, ended_at=None
        )
        .select_related("pair__project", "draft")
        .first()
    )


def _offered(project: Project, person: User, stage: Stage) -> QuerySet[Pair]:
    waiting, _, _ = STAGES[stage]
    pairs = Pair.objects.filter(project=project).in_state(waiting).next_up()
    if stage == Stage.QUALITY:
        return pairs.exclude(reviews__author=person)
    mine = Q(reserved_for=person)
    free = Q(reserved_for=None) | Q(reserved_until__lt=timezone.now())
    first = Case(When(mine, then=0), default=1, output_field=IntegerField())
    return pairs.filter(mine | free).order_by(first, *pairs.query.order_by)


def _expiry(project: Project) -> datetime:
    return timezone.now() + timedelta(minutes=project.lease_minutes)


def held(*, token: UUID, person: User, stage: Stage) -> Lease:
    """Lock and return the person's running lease; LeaseLost if it has ended."""
    lease = (
        Lease.objects.select_for_update(of=("self",))
        .select_related("pair__project", "draft")
        .filter(token=token, holder=person, stage=stage)
        .first()
    )
    if lease is None or lease.ended_at is not None:
        raise LeaseLost("Your hold on this pair has ended. What you typed was kept.")
    return lease


def keep_alive(lease: Lease) -> Lease:
    """Let a lease run on from now: the person is there."""
    lease.expires_at = _expiry(lease.pair.project)
    lease.save(update_fields=["expires_at"])
    return lease


def end(lease: Lease) -> None:
    """Close a lease; its token is worth nothing from here on."""
    lease.ended_at = timezone.now()
    lease.save(update_fields=["ended_at"])


@transaction.atomic
def give_back(*, token: UUID, person: User, stage: Stage) -> None:
    """Put a pair back where it waited, for whoever comes next."""
    lease = held(token=token, person=person, stage=stage)
    end(lease)
    move(lease.pair, STAGES[stage][0], action="given back", actor=person)


def release_expired() -> int:
    """Sweep: end leases that ran out, and offer their pairs again; how many."""
    released = 0
    over = Lease.objects.filter(ended_at=None, expires_at__lt=timezone.now())
    for pk in over.values_list("pk", flat=True):
        released += _release(pk)
    return released


@transaction.atomic
def _release(lease_id: int) -> int:
    lease = (
        Lease.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pair")
        .filter(pk=lease_id, ended_at=None, expires_at__lt=timezone.now())
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
        action="lease ran out",
        **(keep if typed else {}),
    )
    return 1


def _typist_limit() -> datetime:
    return timezone.now() + KEEP_FOR_TYPIST
