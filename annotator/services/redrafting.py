"""A new coach's drafts take the place of an older one's; the old serve until then.

A pair whose draft is an older coach's and was never opened stays ready while its new
draft is written: a Replacement row says so, never the pair's state. So a change of
coaches leaves nobody without work, and an engine that dies takes no draft away. Only
drafts that nobody has opened are exchanged, and those of a coach that comes back are
taken up again, without the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotator.domain.actions import Action
from annotator.domain.states import Arm, PairState
from annotator.models import (
    Draft,
    Errand,
    Pair,
    PairQuerySet,
    Project,
    Replacement,
    RuleChange,
)
from annotator.models.texts import TEXT_LABELS
from annotator.services import placing
from training.models import CoachVersion
from training.selectors import open_challenge


def _unopened(project: Project) -> PairQuerySet:
    """Ready pairs of the coached arm that nobody has held."""
    pairs = Pair.objects.filter(project=project, arm=Arm.COACHED, opened=False)
    return pairs.in_state(PairState.READY)


def _of_others(project: Project, coach: CoachVersion) -> PairQuerySet:
    """Unopened pairs with another coach's draft; a challenger's is not outdated."""
    pairs = _unopened(project).exclude(draft_coach=coach.pk).next_up()
    # A draft that came from elsewhere is no older coach's: it stays to be compared.
    elsewhere = CoachVersion.objects.filter(scope=project.scope, is_elsewhere=True)
    pairs = pairs.exclude(draft_coach__in=elsewhere.values("pk"))
    challenge = open_challenge(project.scope)
    if challenge and challenge.champion_id == coach.pk:
        pairs = pairs.exclude(draft__challenge=challenge)
    return pairs


def outdated(project: Project, coach: CoachVersion) -> list[Pair]:
    """The next pairs that need a new draft and wait for none, locked."""
    waiting = _of_others(project, coach).filter(replacement=None)
    locked = waiting.locked(skip=True)
    return list(locked[: settings.DRAFT_BATCH_SIZE])


def begin(coach: CoachVersion, pairs: Sequence[Pair], errand: Errand) -> None:
    """Write down that a coach writes new drafts for ready pairs."""
    Replacement.objects.bulk_create(
        Replacement(pair=pair, coach=coach, errand=errand) for pair in pairs
    )


def in_flight(project: Project) -> int:
    """How many new drafts of ready pairs the engine has still to write."""
    return Replacement.objects.filter(pair__project=project).count()


def awaited(coach: CoachVersion, pair_ids: Collection[int]) -> list[int]:
    """Those of the pairs for which this coach is writing a new draft."""
    rows = Replacement.objects.filter(pair__in=pair_ids, coach=coach)
    return list(rows.order_by("pair").values_list("pair", flat=True))


def arrived(coach: CoachVersion, pair_id: int) -> Pair | None:
    """A pair whose new draft has come, locked; None if it keeps the one it has.

    That is if somebody has opened it, or another coach is to draft it by now.
    """
    pairs = Pair.objects.filter(pk=pair_id).select_related("project")
    pair = pairs.locked().get()
    rows = Replacement.objects.filter(pair=pair, coach=coach)
    was_awaited, _ = rows.delete()
    is_free = pair.state == PairState.READY and not pair.opened
    return pair if was_awaited and is_free else None


def call_off(project: Project, coach: CoachVersion) -> None:
    """Wait no more for what another coach was to write, and for what is opened."""
    rows = Replacement.objects.filter(pair__project=project)
    drafting_now = [coach.pk]
    if challenge := open_challenge(project.scope):
        drafting_now.append(challenge.challenger_id)
    rows.exclude(coach__in=drafting_now).delete()
    rows.filter(pair__opened=True).delete()


def take_up_kept(project: Project, coach: CoachVersion) -> int:
    """Give unopened pairs the drafts that this coach wrote earlier; how many.

    One by one: each row of the queue is locked for as short as can be.
    """
    return sum(_take_up(pk, coach) for pk in _with_kept(project, coach))


def _with_kept(project: Project, coach: CoachVersion) -> Iterator[int]:
    kept = Exists(_kept(coach).filter(pair=OuterRef("pk")))
    pairs = _of_others(project, coach).filter(kept)
    yield from list(pairs.values_list("pk", flat=True))


def _kept(coach: CoachVersion) -> QuerySet[Draft]:
    """Usable drafts that the coach wrote of its own accord, for no candidate, and of
    the raw text that its pair has now."""
    altered = RuleChange.objects.filter(
        Q(at__gt=OuterRef("created_at")) | Q(put_back_at__gt=OuterRef("created_at")),
        pair=OuterRef("pair"),
        field__in=TEXT_LABELS,
    )
    usable = Draft.objects.answers().filter(coach=coach, problem="")
    drafts = usable.filter(hint="", candidate=None)
    return drafts.filter(~Exists(altered))


@transaction.atomic
def _take_up(pair_id: int, coach: CoachVersion) -> int:
    pairs = Pair.objects.filter(pk=pair_id, opened=False).in_state(PairState.READY)
    locked = pairs.select_related("project").locked(skip=True)
    pair = locked.exclude(draft_coach=coach.pk).first()
    if pair is None:  # claimed, or taken up by another worker, while we looked
        return 0
    Replacement.objects.filter(pair=pair).delete()
    draft = _kept(coach).filter(pair=pair).select_related("coach").latest("pk")
    # Placed as it was the first time, where its challenge drew its place.
    place = placing.drawn_places(pair.project, 1)[0] if draft.challenge_id else None
    placing.offer(pair, draft, action=Action.EARLIER_DRAFT_TAKEN_UP, place=place)
    return 1
