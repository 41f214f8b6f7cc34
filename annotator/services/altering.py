"""Another raw text for pairs that nobody has touched: by a rule, or put back.

The fingerprint goes with the text, the number in the stratum goes where the pair leaves
its stratum, and a draft of the old text goes with it: such a pair is drafted again. One
that has only other columns, which no coach is shown, keeps its draft.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotator.database.updating import update_each
from annotator.domain.actions import Action
from annotator.domain.bands import band_of
from annotator.domain.states import PairState
from annotator.formats.rules.applying import written
from annotator.models import Pair, PairQuerySet, Project, Replacement, User
from annotator.services.workflow import move_all, write_down
from revision_engine.types import PairText
from training.examples import fingerprint

COLUMNS = {
    "instruction": "text",
    "input": "text",
    "response": "text",
    "context": "text",
    "fingerprint": "text",
    "dealt_as": "integer",
}


@dataclass(frozen=True, slots=True)
class Alteration:
    """A pair, locked, and the raw side that it is to have."""

    pair: Pair
    text: PairText
    beside: Mapping[str, Any]
    """What is to stand beside it, of those PARTS that are to be others."""
    dealt_as: int | None = None
    """Its number in the stratum that this text puts it into, if it had one there."""

    @property
    def context(self) -> Sequence[Mapping[str, Any]]:
        """The turns before it, as they are to be."""
        return list(self.beside.get("context", self.pair.context))

    @property
    def says_more(self) -> bool:
        """Whether a coach and people are shown something else then."""
        is_same = self.text == self.pair.text and self.context == self.pair.context
        return not is_same


@dataclass(frozen=True, slots=True)
class Twin:
    """A pair that would become another's twin, and keeps its text."""

    pair: Pair
    other: int
    """The primary key of the pair that has this text already."""


def hold_texts(project: Project) -> None:
    """Let nobody else add or alter texts of the project to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1, project.pk])


def being_drafted(pairs: Sequence[Pair]) -> set[int]:
    """Those for which an engine writes a draft of the text that they have now."""
    ids = [pair.pk for pair in pairs]
    waiting = Replacement.objects.filter(pair__in=ids).values_list("pair", flat=True)
    first = {pair.pk for pair in pairs if pair.state == PairState.DRAFTING}
    return first | set(waiting)


def alter(
    project: Project,
    wanted: Sequence[Alteration],
    *,
    action: Action,
    actor: User | None = None,
) -> tuple[list[Pair], list[Twin]]:
    """Give pairs their new text; which have it, and which would be another's twin.

    To be called under `hold_texts`, with pairs that nobody has touched and no engine is
    drafting.
    """
    twins = {twin.pair.pk: twin for twin in _twins(project, wanted)}
    free = [each for each in wanted if each.pair.pk not in twins]
    retold = {each.pair.pk for each in free if each.says_more}
    rows = {each.pair.pk: _row(each) for each in free}
    update_each(Pair, COLUMNS, rows)
    _store_beside(free)
    for each in free:
        context = each.context
        for name, value in zip(COLUMNS, rows[each.pair.pk], strict=True):
            setattr(each.pair, name, value)
        each.pair.context = context
    altered = [each.pair for each in free]
    _draft_again(altered, retold, action, actor)
    return altered, list(twins.values())


def _store_beside(wanted: Sequence[Alteration]) -> None:
    """The parts that `COLUMNS` lack."""
    for name in ("shape", "extra"):
        parts = {e.pair.pk: e.beside[name] for e in wanted if name in e.beside}
        rows = {pk: [written(part)] for pk, part in parts.items()}
        update_each(Pair, {name: "text"}, rows)
        for each in wanted:
            if name in each.beside:
                setattr(each.pair, name, each.beside[name])


def _row(each: Alteration) -> list[str | int | None]:
    text, pair = each.text, each.pair
    chars = len(text.instruction) + len(text.input) + len(text.response)
    stays = band_of(chars) == pair.length_band
    return [
        text.instruction,
        text.input,
        text.response,
        json.dumps(list(each.context)),
        fingerprint(text, each.context),
        pair.dealt_as if stays else each.dealt_as,
    ]


def _twins(project: Project, wanted: Sequence[Alteration]) -> Iterator[Twin]:
    """Of two that would become alike the first one gets the text."""
    prints = [fingerprint(each.text, each.context) for each in wanted]
    known = Pair.objects.filter(project=project, fingerprint__in=prints)
    owners = dict(known.values_list("fingerprint", "pk"))
    for each, key in zip(wanted, prints, strict=True):
        if owners.setdefault(key, each.pair.pk) != each.pair.pk:
            yield Twin(each.pair, owners[key])


def _draft_again(
    pairs: Sequence[Pair], retold: set[int], action: Action, actor: User | None
) -> None:
    """Write it down; of those that are `retold` a draft is of no use any more."""
    ready = [pair for pair in pairs if pair.state == PairState.READY and pair.draft_id]
    drafted = [pair for pair in ready if pair.pk in retold]
    move_all(
        drafted,
        PairState.QUEUED,
        action=action,
        actor=actor,
        draft=None,
        draft_coach=None,
        priority=0,
    )
    others = [pair for pair in pairs if pair not in drafted]
    write_down(others, action=action, actor=actor)


def alterable(project: Project) -> PairQuerySet:
    """Pairs whose raw text may be put back: untouched ones, and excluded ones that
    nobody has opened."""
    places = (PairState.QUEUED, PairState.DRAFTING, PairState.READY)
    pairs = Pair.objects.filter(project=project, opened=False, first_author=None)
    return pairs.in_state(*places, PairState.EXCLUDED).filter(reviews=None)
