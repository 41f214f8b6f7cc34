"""Drafts that another model wrote elsewhere: stored, and offered as any other.

A pair of the coached arm that waits for its draft gets the one that came. While its
model is on trial, the pairs that have such a draft are dealt by hash: half of them, or
whatever the challenge's share is, keep it, the others wait for the champion's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain import chance
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.domain.roles import Deed
from annotator.domain.states import Arm, PairState
from annotator.formats.cells import BadRow
from annotator.formats.rows import Brought
from annotator.formats.shapes.drafts import brought
from annotator.models import Draft, Pair, Project, User
from annotator.services import placing
from annotator.services.workflow import move_all
from training.examples import edit_distance
from training.models import Challenge, CoachVersion
from training.selectors import knowledge, open_challenge
from training.services import registry


@transaction.atomic(savepoint=False)
def bring(project: Project, drafts: Mapping[int, Brought]) -> int:
    """Store drafts by their pair's key; how many are before people now.

    A draft of a pair that is already on its way, or of the control arm, is kept with
    the pair, and not offered. One that the pair has already is not stored again.
    """
    locked = Pair.objects.filter(project=project, pk__in=drafts).locked()
    pairs = {pair.pk: pair for pair in locked.order_by("pk")}
    coaches = _coaches(project, drafts.values())
    known = _known(pairs)
    made = []
    for pk, pair in pairs.items():
        given = drafts[pk]
        draft = _draft(pair, coaches[given.model, given.version], given)
        if (pk, draft.coach_id, draft.text) not in known:
            made.append(draft)
    Draft.objects.bulk_create(made)
    return _offer(project, made)


@transaction.atomic
def send(
    *,
    project: Project,
    actor: User,
    model: str,
    version: str,
    drafts: Sequence[Mapping[str, Any]],
    batch: int | None = None,
) -> dict[str, Any]:
    """Bring drafts by `pair` or `id` with `response` and perhaps `instruction`, `input`
    and `score`: `stored`, `offered`, and the places of the `unknown`.

    Of several pairs with an id the newest is meant. Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: a text holds what the database cannot hold; its place is named.
    """
    policies.require(actor, project, Deed.IMPORT)
    pairs = _meant(project, drafts, batch)
    found: dict[int, Brought] = {}
    unknown = []
    for place, given in enumerate(drafts):
        pair = pairs.get(_key(given))
        if pair is None:
            unknown.append(place)
            continue
        found[pair.pk] = _brought(pair, place, given, model, version)
    before = Draft.objects.filter(pair__in=found).count()
    offered = bring(project, found)
    stored = Draft.objects.filter(pair__in=found).count() - before
    return {"stored": stored, "offered": offered, "unknown": unknown}


def _key(given: Mapping[str, Any]) -> tuple[str, Any]:
    return next((name, given[name]) for name in ("pair", "id") if name in given)


def _meant(
    project: Project, drafts: Sequence[Mapping[str, Any]], batch: int | None
) -> dict[tuple[str, Any], Pair]:
    """The pairs that are named, by how they are."""
    mine = Pair.objects.filter(project=project).order_by("pk")
    if batch is not None:
        mine = mine.filter(batch=batch)
    keys = [_key(given) for given in drafts]
    numbers = [value for name, value in keys if name == "pair"]
    ids = [value for name, value in keys if name == "id"]
    named: dict[tuple[str, Any], Pair] = {
        ("id", pair.external_id): pair for pair in mine.filter(external_id__in=ids)
    }
    return named | {("pair", pair.pk): pair for pair in mine.filter(pk__in=numbers)}


def _brought(
    pair: Pair, place: int, given: Mapping[str, Any], model: str, version: str
) -> Brought:
    cells = {f"draft {name}": value for name, value in given.items()}
    cells |= {"draft model": model, "draft version": version}
    try:
        return brought(pair.text, cells)
    except BadRow as fault:
        raise Invalid(
            gettext("Draft %(place)s of the list: %(fault)s.")
            % {"place": place, "fault": fault}
        ) from None


def _coaches(
    project: Project, drafts: Collection[Brought]
) -> dict[tuple[str, str], CoachVersion]:
    names = sorted({(each.model, each.version) for each in drafts})
    return {
        (model, version): registry.register_elsewhere(
            scope=project.scope, model=model, version=version
        )
        for model, version in names
    }


def _known(pairs: Collection[int]) -> set[tuple[int, int, object]]:
    found = Draft.objects.filter(pair__in=pairs, coach__is_elsewhere=True)
    return {(draft.pair_id, draft.coach_id, draft.text) for draft in found}


def _draft(pair: Pair, coach: CoachVersion, given: Brought) -> Draft:
    text = with_newlines(given.text)
    return Draft(
        pair=pair,
        coach=coach,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
        edit_chars=edit_distance(pair.text, text),
        score=given.score,
    )


def _offer(project: Project, drafts: Sequence[Draft]) -> int:
    """Put drafts before people, of pairs that wait for one."""
    waiting = [
        draft
        for draft in drafts
        if draft.pair.state == PairState.QUEUED and draft.pair.arm == Arm.COACHED
    ]
    challenge = open_challenge(project.scope)
    counted = [draft for draft in waiting if _is_of(challenge, draft)]
    plain = [draft for draft in waiting if draft not in counted]
    offered = 0
    if challenge and counted:
        seen = _seen_by_champion(challenge, counted)
        plain += [each for each in counted if each.pair.text_fingerprint in seen]
        won = [
            each
            for each in counted
            if each.pair.text_fingerprint not in seen
            and is_challengers(challenge, each.pair)
        ]
        Draft.objects.filter(pk__in=[d.pk for d in won]).update(challenge=challenge)
        offered += _place(won, placing.drawn_places(project, len(won)))
    return offered + _place(plain, [0] * len(plain))


def _is_of(challenge: Challenge | None, draft: Draft) -> bool:
    return challenge is not None and challenge.challenger_id == draft.coach_id


def _seen_by_champion(challenge: Challenge, drafts: Sequence[Draft]) -> Collection[str]:
    prints = [draft.pair.text_fingerprint for draft in drafts]
    return knowledge(challenge.champion)(prints)


def is_challengers(challenge: Challenge, pair: Pair) -> bool:
    """Whether the challenge deals the pair to the coach on trial."""
    return chance.is_challengers(pair.fingerprint, challenge.share, challenge.pk)


def drafted_by(coach: CoachVersion, pairs: Sequence[Pair]) -> set[int]:
    """Those of the pairs of which a coach from elsewhere has a draft here."""
    kept = Draft.objects.filter(pair__in=pairs, coach=coach)
    return set(kept.values_list("pair", flat=True))


def _place(drafts: Sequence[Draft], places: Sequence[int]) -> int:
    """Make the pairs of these drafts ready, a coach at a time."""
    by_coach: dict[int, list[Draft]] = {}
    for draft, place in zip(drafts, places, strict=True):
        draft.pair.priority = place
        by_coach.setdefault(draft.coach_id, []).append(draft)
    for members in by_coach.values():
        coach, pairs = members[0].coach, [draft.pair for draft in members]
        move_all(
            pairs, PairState.DRAFTING, action=Action.DRAFTING, draft_coach=coach.pk
        )
        for draft in members:
            draft.pair.draft = draft
        Pair.objects.bulk_update(pairs, ["draft", "priority"], batch_size=1_000)
        move_all(pairs, PairState.READY, action=Action.DRAFTED, note=coach.name)
    return len(drafts)
