"""Leaving a project, or doing less in it: what one held goes to the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from annotator.domain.actions import Action
from annotator.domain.roles import Role, may
from annotator.domain.states import Stage
from annotator.models import Autosave, Lease, Pair, PairQuerySet, Project, User
from annotator.selectors.offered import STAGES
from annotator.services import prefetching, queueing
from annotator.services.workflow import move


@dataclass(frozen=True, slots=True)
class Left:
    """What became of a person's work under way, by the numbers of pairs."""

    freed: Collection[int] = ()
    """They held these, or these waited for them: they wait for everybody now."""
    typed: Collection[int] = ()
    """These have a text of theirs that was never sent in: it stays in the history."""


@transaction.atomic
def give_up(*, project: Project, person: User, role: Role | None) -> Left:
    """End the person's holds of each stage that `role` does not cover, and free what
    is kept for them there. Nothing that they typed goes."""
    lost = [s for s in Stage if role is None or not may(role, STAGES[s][2])]
    if not lost:
        return Left()
    # The lock that a claim takes: what they are just claiming is there afterwards.
    queueing.one_at_a_time(project, person)
    if Stage.REVIEW in lost:
        prefetching.free(person, project=project)
    freed = [pk for stage in lost for pk in _end(project, person, stage)]
    freed += [pk for stage in lost for pk in _free(project, person, stage)]
    typed = Autosave.objects.filter(pair__in=_pairs(project), author=person)
    unsent = typed.filter(used_at=None).order_by("pair")
    return Left(sorted(freed), list(unsent.values_list("pair", flat=True)))


def _pairs(project: Project) -> PairQuerySet:
    return Pair.objects.filter(Q(project=project) | Q(project__checks_of=project))


def _end(project: Project, person: User, stage: Stage) -> list[int]:
    held = Lease.objects.of_project(project).running()
    mine = held.filter(holder=person, stage=stage).select_related("pair__project")
    leases = list(mine.locked())
    for lease in leases:
        queueing.end(lease)
        move(lease.pair, STAGES[stage][0], action=Action.HOLDER_LEFT)
    return [lease.pair_id for lease in leases]


def _free(project: Project, person: User, stage: Stage) -> list[int]:
    kept = _pairs(project).in_state(STAGES[stage][0]).filter(reserved_for=person)
    numbers = list(kept.values_list("pk", flat=True))
    kept.update(reserved_for=None, reserved_until=None)
    return numbers
