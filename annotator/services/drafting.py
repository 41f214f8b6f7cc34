"""Keep drafted pairs ahead of the annotators: take a batch, store what came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from annotator.domain import chance
from annotator.domain.actions import Action
from annotator.domain.states import Arm, PairState
from annotator.models import Pair, Project
from annotator.services import (
    bringing,
    controls,
    errands,
    holding_back,
    placing,
    redrafting,
    taking_back,
)
from annotator.services.workflow import move_all
from revision_engine.types import DraftRequest, DraftResult
from training.models import Challenge, CoachVersion
from training.selectors import active_coach, knowledge, open_challenge, trained_on


@dataclass(frozen=True, slots=True)
class Hand:
    """Who drafts a pair, and the challenge that the draft counts for."""

    coach: CoachVersion
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class DraftBatch:
    """What goes to the engine: one coach and the pairs it is to revise."""

    coach: CoachVersion
    requests: list[DraftRequest]
    challenge_id: int | None = None
    """The challenge that these drafts count for."""
    errand: int = field(default=0, compare=False)
    """The Errand by which the engine's signs of life are told apart."""


def take_batch(project: Project) -> DraftBatch | None:
    """Take the next pairs to draft; None when there are enough, or none to draft.

    First what an engine held that is dead is taken back, and pairs of the control arm
    become ready, whatever the engine has to do (see controls). When nothing waits for
    its first draft, pairs whose draft is an older coach's and was never opened come
    next: those stay ready, and keep the old draft until the new one is there (see
    redrafting).

    While a challenge is open the next pairs may be of two coaches. Those of the
    first pair's coach are taken; the others keep their place and are the head of the
    queue of the next call, so neither coach waits for more than one batch. Pairs that
    an engine died on go one by one (see suspicion), behind the others of their batch.
    """
    taking_back.of_project(project.pk)
    if project.is_archived:
        return None
    controls.bring(project)
    coach = active_coach(project.scope)
    if coach is None:
        return None
    redrafting.take_up_kept(project, coach)
    return _taken(project, coach)


@transaction.atomic
def _taken(project: Project, coach: CoachVersion) -> DraftBatch | None:
    _one_at_a_time(project)
    challenge = _challenge_of(coach)
    redrafting.call_off(project, coach)
    if _in_flight(project) + redrafting.in_flight(project) > settings.DRAFT_BATCH_SIZE:
        return None
    # Again where all of them are ready without the engine.
    while pairs := _fresh(project) or redrafting.outdated(project, coach):
        if batch := _begun(project, pairs, coach, challenge):
            return batch
    return None


def _begun(
    project: Project,
    pairs: Sequence[Pair],
    coach: CoachVersion,
    challenge: Challenge | None,
) -> DraftBatch | None:
    """Have the first hand that needs the engine begin; None if none needs it."""
    for hand, dealt in _by_hand(pairs, coach, challenge).items():
        if to_draft := _store_known(hand.coach, dealt):
            return _begin(project, hand, _together(to_draft))
    return None


def _together(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Those that may be in one message: a suspect is alone."""
    return [pair for pair in pairs if not pair.suspicion] or pairs[:1]


def _challenge_of(champion: CoachVersion) -> Challenge | None:
    """The open challenge of the active coach."""
    found = open_challenge(champion.scope)
    return found if found and found.champion_id == champion.pk else None


def _by_hand(
    pairs: Sequence[Pair], champion: CoachVersion, challenge: Challenge | None
) -> dict[Hand, list[Pair]]:
    """Pairs by who drafts them: the first pair's hand first, each in queue order.

    Only a pair's first draft counts for a challenge, and none of a pair that either
    coach was trained on: what a coach says of its own training pairs is no news.
    """
    seen = _not_counted(challenge, pairs) if challenge else set()
    dealt: dict[Hand, list[Pair]] = {}
    for pair in pairs:
        hand = Hand(champion)
        if challenge and pair.draft_id is None and pair.text_fingerprint not in seen:
            hand = _drawn_hand(challenge, pair)
        dealt.setdefault(hand, []).append(pair)
    return dealt


def _not_counted(challenge: Challenge, pairs: Sequence[Pair]) -> set[str]:
    """Pairs that the challenge does not deal, by the fingerprint of their texts.

    Of a coach from elsewhere only such pairs are compared as it has drafted: its share
    of them was offered when the drafts came.
    """
    seen = _seen_by_either(challenge, pairs)
    if challenge.challenger.is_elsewhere:
        has = bringing.drafted_by(challenge.challenger, pairs)
        seen |= {
            pair.text_fingerprint
            for pair in pairs
            if pair.pk not in has or bringing.is_challengers(challenge, pair)
        }
    return seen


def _seen_by_either(challenge: Challenge, pairs: Sequence[Pair]) -> set[str]:
    prints = [pair.text_fingerprint for pair in pairs]
    coaches = (challenge.champion, challenge.challenger)
    return {known for coach in coaches for known in knowledge(coach)(prints)}


def _drawn_hand(challenge: Challenge, pair: Pair) -> Hand:
    to_challenger = chance.is_challengers(
        pair.fingerprint, challenge.share, challenge.pk
    )
    coach = challenge.challenger if to_challenger else challenge.champion
    return Hand(coach, challenge)


def _begin(project: Project, hand: Hand, pairs: Sequence[Pair]) -> DraftBatch:
    """Have a coach begin pairs; what the engine is to write."""
    coach, challenge_id = hand.coach, hand.challenge.pk if hand.challenge else None
    errand = errands.begin(len(pairs), challenge_id)
    fresh = [pair for pair in pairs if pair.state == PairState.QUEUED]
    move_all(
        fresh,
        PairState.DRAFTING,
        action=Action.DRAFTING,
        draft_coach=coach.pk,
        errand=errand,
    )
    ready = [pair for pair in pairs if pair.state == PairState.READY]
    redrafting.begin(coach, ready, errand)
    requests = [
        DraftRequest(key=str(p.pk), text=p.text, language=project.language)
        for p in pairs
    ]
    return DraftBatch(coach, requests, challenge_id, errand.pk)


def _one_at_a_time(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [2, project.pk])


def _in_flight(project: Project) -> int:
    return Pair.objects.filter(project=project).in_state(PairState.DRAFTING).count()


def _fresh(project: Project) -> list[Pair]:
    """The next queued pairs, as many as the watermark lacks."""
    pairs = Pair.objects.filter(project=project)
    # What waits for a second person is no work for who wrote the first text.
    ready = pairs.in_state(PairState.READY).filter(first_author=None).count()
    lacking = project.drafts_ahead - ready - _in_flight(project)
    size = min(lacking, settings.DRAFT_BATCH_SIZE)
    if size <= 0:
        return []
    coached = pairs.in_state(PairState.QUEUED).filter(arm=Arm.COACHED)
    queued = coached.next_up()
    return list(queued.locked(skip=True)[:size])


def _store_known(coach: CoachVersion, pairs: Sequence[Pair]) -> list[Pair]:
    """Give pairs that the coach was trained on their expert's text; the others back.

    The paper's leak guard: what a coach says of its own training pairs is no news.
    """
    known = trained_on(coach, [pair.text_fingerprint for pair in pairs])
    mine = [pair for pair in pairs if pair.text_fingerprint in known]
    fresh = [pair for pair in mine if pair.state == PairState.QUEUED]
    move_all(fresh, PairState.DRAFTING, action=Action.DRAFTING, draft_coach=coach.pk)
    for pair in mine:
        if item := known.get(pair.text_fingerprint):
            draft = placing.write(pair, coach, text=item.revised)
            placing.offer(pair, draft, action=_action(pair))
    return [pair for pair in pairs if pair.text_fingerprint not in known]


def store(
    *, coach_id: int, results: Iterable[DraftResult], challenge_id: int | None = None
) -> int:
    """Store what the engine wrote; how many pairs are ready by it.

    A pair that is no longer being drafted by this coach is skipped: an earlier
    delivery of the same message got there first, or it was taken anew. So is a new
    draft of a pair that somebody has opened meanwhile, with its old one.
    """
    coach = CoachVersion.objects.get(pk=coach_id)
    by_id = {int(result.key): result for result in results}
    awaited = redrafting.awaited(coach, list(by_id))
    first = {pk: result for pk, result in by_id.items() if pk not in awaited}
    stored = _store_first(coach, first, challenge_id)
    # One by one: rows of the queue are locked for as long as one draft takes.
    return stored + sum(
        _store_anew(coach, pk, by_id[pk], challenge_id) for pk in awaited
    )


@transaction.atomic
def _store_first(
    coach: CoachVersion, by_id: dict[int, DraftResult], challenge_id: int | None
) -> int:
    pairs = Pair.objects.filter(pk__in=list(by_id), draft_coach=coach.pk)
    drafting = pairs.in_state(PairState.DRAFTING).order_by("pk")
    locked = list(drafting.select_related("project").locked())
    if not locked:
        return 0
    ask = holding_back.for_people(locked[0].project, coach)
    places: Sequence[int | None] = [None] * len(locked)
    if challenge_id:
        places = placing.drawn_places(locked[0].project, len(locked))
    for pair, place in zip(locked, places, strict=True):
        draft = placing.write_answer(
            pair, coach, by_id[pair.pk], ask, challenge_id=challenge_id
        )
        placing.offer(pair, draft, place=place)
    return len(locked)


@transaction.atomic
def _store_anew(
    coach: CoachVersion, pair_id: int, result: DraftResult, challenge_id: int | None
) -> int:
    pair = redrafting.arrived(coach, pair_id)
    if pair is None:
        return 0
    place = placing.drawn_places(pair.project, 1)[0] if challenge_id else None
    ask = holding_back.for_people(pair.project, coach)
    draft = placing.write_answer(pair, coach, result, ask, challenge_id=challenge_id)
    placing.offer(pair, draft, action=_action(pair), place=place)
    return 1


def _action(pair: Pair) -> Action:
    return Action.DRAFTED_ANEW if pair.state == PairState.READY else Action.DRAFTED


def projects_to_serve() -> list[int]:
    """Projects in which a draft may be lacking: those with unopened work."""
    waiting = Q(state=PairState.QUEUED) | Q(state=PairState.READY, opened=False)
    with_work = Pair.objects.filter(
        waiting,
        project__archived_at=None,
        project__checks_of__archived_at=None,
        project__deleting_since=None,
    ).values("project")
    return list(with_work.distinct().values_list("project", flat=True))
