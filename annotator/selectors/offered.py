"""What a person may take next, and how much of it there is: one question for both.

The queue claims from `kinds`, and every count of "what waits for me" is of `kinds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import caches
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotator import policies
from annotator.domain.roles import Deed
from annotator.domain.states import PairState, SkipPolicy, Stage
from annotator.models import (
    Lease,
    Membership,
    Pair,
    PairQuerySet,
    Prefetch,
    Project,
    Review,
    Skip,
    User,
)
from annotator.models.pairs import settled_before

# stage -> the state a pair waits in, the state it is held in, the deed it takes
STAGES = {
    Stage.REVIEW: (PairState.READY, PairState.IN_REVIEW, Deed.ANNOTATE),
    Stage.QUALITY: (PairState.REVIEWED, PairState.IN_QUALITY, Deed.JUDGE),
}
KEPT_SECONDS = 30
"""How old a count at the desk may be: it is asked for at every pair."""


def kinds(
    project: Project, person: User, stage: Stage, settled: datetime | None = None
) -> Iterator[PairQuerySet]:
    """What a person may take: their own first, then what lies ready in their browser,
    anyone's, what they put off, and last what lies ready for others.

    `settled`: what was handed in since then may still be taken back, and is offered to
    nobody; the project's undo time ago if it is not given.
    """
    settled = settled or settled_before()
    waiting, _, _ = STAGES[stage]
    pairs = Pair.objects.filter(project=project).in_state(waiting).next_up()
    free = Q(reserved_for=None) | Q(reserved_until__lt=timezone.now())
    if stage == Stage.QUALITY:
        yield from _to_judge(pairs, project, person, free, settled)
        return
    skips = Skip.objects.filter(pair=OuterRef("pk"), person=person)
    gone = Exists(skips.exclude(policy=SkipPolicy.LATER))
    # The second of two texts is another person's, once the first cannot be undone.
    second = ~Q(first_author=person) & Q(state_since__lte=settled)
    pairs = pairs.filter(Q(first_author=None) | second)
    yield pairs.filter(~Exists(skips), reserved_for=person)
    # What lies ready in somebody's browser is theirs if they ask in time; others get it
    # when there is nothing else, so that nobody's queue is empty for it.
    yield pairs.filter(free & ~gone, prefetch__person=person)
    ready = Prefetch.objects.filter(pair=OuterRef("pk"), until__gt=timezone.now())
    for_others = Exists(ready.exclude(person=person))
    yield pairs.filter(free & ~gone & ~for_others)
    yield pairs.filter(~gone, reserved_for=person)
    yield pairs.filter(free & ~gone & for_others)


def _to_judge(
    pairs: PairQuerySet, project: Project, person: User, free: Q, settled: datetime
) -> Iterator[PairQuerySet]:
    """What they typed a fix for, then their own units' reviews, then the others; last
    what they wrote themselves, where they may judge that."""
    mine = Exists(Review.objects.filter(pair=OuterRef("pk"), author=person))
    every = pairs.filter(to_judge=True, state_since__lte=settled)
    waiting = every.filter(~mine)
    yield waiting.filter(reserved_for=person)
    own = Membership.objects.filter(project=project, unit__owner=person)
    if people := list(own.values_list("user", flat=True)):
        yield waiting.filter(free, reviewed_by__in=people)
    yield waiting.filter(free)
    if policies.may_judge_own(person, project):
        yield every.filter(free | Q(reserved_for=person), mine)


@dataclass(frozen=True, slots=True)
class Mine:
    """How many pairs one person can take at one stage."""

    held: int
    """1 while they hold one: the queue gives that one first."""
    waiting: int
    soon: int
    """Handed in just now: theirs to take unless it is taken back in the undo time."""

    @property
    def soon_seconds(self) -> int:
        """Seconds within which those come."""
        return settings.UNDO_SECONDS

    @property
    def now(self) -> int:
        """What claiming one after the other gives them, if nobody else claims."""
        return self.held + self.waiting


NOTHING = Mine(held=0, waiting=0, soon=0)


def mine(project: Project, person: User, stage: Stage) -> Mine:
    """Counted afresh; nothing for who may not do such work here."""
    if not policies.can(person, project, STAGES[stage][2]):
        return NOTHING
    waiting = _count(project, person, stage, None)
    in_time = _count(project, person, stage, timezone.now())
    held = Lease.objects.of_project(project).running()
    held = held.filter(holder=person, stage=stage)
    return Mine(held=held.count(), waiting=waiting, soon=in_time - waiting)


def _count(
    project: Project, person: User, stage: Stage, settled: datetime | None
) -> int:
    """A pair that is of two kinds counts once."""
    found = kinds(project, person, stage, settled)
    first, *rest = [pairs.order_by().values("pk") for pairs in found]
    return first.union(*rest).count()


def recently_waiting(project: Project, person: User, stage: Stage) -> int:
    """`mine().waiting`, up to half a minute old: for the desk."""
    key = f"offered:{project.pk}:{person.pk}:{stage}"
    found: int | None = caches["process"].get(key)
    if found is None:
        found = mine(project, person, stage).waiting
        caches["process"].set(key, found, KEPT_SECONDS)
    return found


def to_adjudicate(project: Project, person: User) -> int:
    """Disputed pairs between whose texts the person may choose."""
    if not policies.can(person, project, Deed.ADJUDICATE):
        return 0
    disputed = Pair.objects.filter(project=project).in_state(PairState.DISPUTED)
    disputed = disputed.select_related("project")
    own = [pair for pair in disputed.filter(reviews__author=person).distinct()
           if not policies.can_adjudicate(person, pair)]  # fmt: skip
    return disputed.count() - len(own)
