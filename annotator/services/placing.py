"""A draft puts its pair before people: at a place in the queue, or it spares them."""

from __future__ import annotations

import random
from typing import Any

from django.db import transaction

from annotator.domain.actions import Action
from annotator.domain.line_ends import with_newlines
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState, QueueOrder
from annotator.domain.suspicion import Suspicion
from annotator.models import Draft, Pair, Project
from annotator.services.holding_back import Ask
from annotator.services.workflow import move, set_aside
from revision_engine.postprocess import Problem
from revision_engine.types import DraftResult, PairText
from training.examples import edit_distance
from training.models import CoachVersion

MAX_PRIORITY = 30_000


def write(pair: Pair, coach: CoachVersion, *, text: PairText, **about: Any) -> Draft:
    """Store a coach's draft of a pair; it is not offered yet."""
    text = with_newlines(text)
    return Draft.objects.create(
        pair=pair,
        coach=coach,
        adapter_sha256=coach.adapter_sha256,
        prompt=coach.prompt,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
        edit_chars=edit_distance(pair.text, text),
        **about,
    )


def write_result(
    pair: Pair, coach: CoachVersion, result: DraftResult, **about: Any
) -> Draft:
    """Store what the engine answered, usable or not."""
    return write(
        pair,
        coach,
        text=result.text,
        problem=result.problem,
        raw_output=result.raw_output.replace("\0", "\ufffd"),
        new_tokens=result.new_tokens,
        seconds=result.seconds,
        mean_logprob=result.mean_logprob,
        **about,
    )


def write_answer(
    pair: Pair, coach: CoachVersion, result: DraftResult, ask: Ask, **about: Any
) -> Draft:
    """Store what the engine answered; the draft that is to be offered.

    Where it would hardly save work that is the raw pair, with the answer held back
    behind it.
    """
    helpfulness, is_held_back = ask(pair.text, result, pair.fingerprint)
    if not is_held_back:
        return write_result(pair, coach, result, helpfulness=helpfulness, **about)
    return write(
        pair,
        coach,
        text=pair.text,
        problem=str(Problem.NOT_HELPFUL),
        mean_logprob=result.mean_logprob,
        helpfulness=helpfulness,
        held_back=write_result(pair, coach, result, helpfulness=helpfulness),
        **about,
    )


def offer(
    pair: Pair,
    draft: Draft,
    *,
    action: Action = Action.DRAFTED,
    place: int | None = None,
) -> None:
    """Make a pair ready with a draft, or spare people it.

    `place`: in the queue, where the draft itself must not decide.
    """
    coach = draft.coach.name
    suspicion = _suspicion_after(draft)
    if _may_be_spared(pair, draft):
        set_aside(
            pair,
            ExclusionReason.HARDLY_CHANGED,
            action=Action.SPARED,
            note=coach,
            why=f"The draft of {coach} changes {draft.edit_chars} characters.",
            draft=draft,
            draft_coach=draft.coach_id,
            errand=None,
            suspicion=suspicion,
        )
        return
    move(
        pair,
        PairState.READY,
        action=action,
        note=coach,
        draft=draft,
        draft_coach=draft.coach_id,
        priority=_place_of(pair.project.queue_order, draft) if place is None else place,
        errand=None,
        suspicion=suspicion,
    )


def _suspicion_after(draft: Draft) -> Suspicion:
    """A draft that came clears its pair; not the one that stands in for it."""
    died = draft.problem == Problem.ENGINE_DIED
    return Suspicion.SET_ASIDE if died else Suspicion.NONE


def _may_be_spared(pair: Pair, draft: Draft) -> bool:
    """Whether the project wants people spared such a small change.

    Not if the coach failed: a raw pair in its place says nothing about the pair. Nor
    once a person has met the pair or overruled an exclusion. Nor in a challenge: each
    coach would be compared on what it left.
    """
    limit = pair.project.spare_below
    if not limit or draft.problem or pair.opened or draft.edit_chars is None:
        return False
    if draft.challenge_id:
        return False
    raw = pair.text
    length = len(raw.instruction) + len(raw.input) + len(raw.response)
    if draft.edit_chars >= limit * max(length, 1):
        return False
    return not pair.events.filter(old_state=PairState.EXCLUDED).exists()


def _place_of(order: str, draft: Draft) -> int:
    """The place in the queue: higher comes first; 0 keeps the order of the import."""
    size = min(draft.edit_chars or 0, MAX_PRIORITY)
    match order:
        case QueueOrder.UNSURE:
            # Thousandths of a nat a token; a draft without a score counts as sure.
            return min(round(-1000 * (draft.mean_logprob or 0.0)), MAX_PRIORITY)
        case QueueOrder.LARGEST:
            return size
        case QueueOrder.SMALLEST:
            return MAX_PRIORITY - size
    return 0


def drawn_places(project: Project, count: int) -> list[int]:
    """Places of drafted pairs, drawn: for pairs whose own draft must not decide when
    they are reviewed, since those without one, or of another coach, are compared."""
    if project.queue_order == QueueOrder.IMPORTED:
        return [0] * count
    drafted = Pair.objects.filter(project=project).exclude(draft=None)
    places = list(drafted.order_by("?").values_list("priority", flat=True)[:count])
    return [*places, *[0] * (count - len(places))]


@transaction.atomic
def reorder(project: Project) -> int:
    """Give ready pairs the places of the project's order; how many have a new one.

    A pair of the control arm has no draft: it takes the place of a drafted pair drawn
    by its number, so that neither arm is served earlier than the other. So does a pair
    of a challenge, for its two coaches' sake.
    """
    ready = Pair.objects.filter(project=project).in_state(PairState.READY)
    pairs = list(ready.locked().select_related("draft"))
    own = {
        pair.pk: _place_of(project.queue_order, pair.draft)
        for pair in pairs
        if pair.draft and not pair.draft.challenge_id
    }
    places = list(own.values()) or [0]
    changed = []
    for pair in pairs:
        drawn = random.Random(pair.pk).choice(places)  # noqa: S311 - no secret
        place = own.get(pair.pk, drawn)
        if place != pair.priority:
            pair.priority = place
            changed.append(pair)
    Pair.objects.bulk_update(changed, ["priority"], batch_size=1000)
    return len(changed)
