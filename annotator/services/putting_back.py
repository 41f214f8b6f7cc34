"""Raw texts that rules altered, put back to the letter: of a pair, or of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from django.db import transaction
from django.db.models import F, Func, IntegerField, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rules.outcomes import PARTS
from annotator.models import Pair, RuleChange, RuleRun, User
from annotator.services import altering
from annotator.services.altering import Alteration
from revision_engine.types import PairText

CHUNK = 1_000
MAX_BYTES = 20_000_000
"""Of old texts and columns that are held at once."""


@transaction.atomic
def put_back(*, pair: Pair, actor: User) -> None:
    """Give one pair the raw text that it came with; rules spare its text from then on.

    Raises:
        NotAllowed: the actor's role does not cover imports.
        Invalid: nothing of it is altered, somebody has touched it, a coach is drafting
            it, or another pair has that text by now.
    """
    policies.require(actor, pair.project, Deed.IMPORT)
    altering.hold_texts(pair.project)
    found = altering.alterable(pair.project).filter(pk=pair.pk)
    locked = found.order_by("pk").locked().first()
    if locked is None:
        raise Invalid(gettext("Somebody has worked on this pair: its raw text stays."))
    changes = list(RuleChange.objects.filter(pair=pair, put_back_at=None))
    if not changes:
        raise Invalid(gettext("No rule has altered the raw text of this pair."))
    if altering.being_drafted([locked]):
        raise Invalid(gettext("A coach is drafting this pair: try again in a minute."))
    wanted = _wanted(locked, changes)
    if wanted is None:
        raise Invalid(
            gettext("Its raw text is not what the rules made of it any more.")
        )
    _, twins = altering.alter(
        pair.project, [wanted], action=Action.TEXT_PUT_BACK, actor=actor
    )
    if twins:
        raise Invalid(
            gettext("Pair %(pair)s has that text by now.") % {"pair": twins[0].other}
        )
    _mark(changes)


def put_back_next(run: RuleRun) -> int:
    """Put the next pairs of a run back; how many it looked at, 0 at the end.

    One that was touched, or altered again since, is left, and counted. In a
    transaction.
    """
    altering.hold_texts(run.project)
    standing = run.changes.filter(put_back_at=None, pair__gt=run.after)
    ids = _next(standing)
    if not ids:
        return 0
    found = altering.alterable(run.project).filter(pk__in=ids)
    pairs = list(found.order_by("pk").locked())
    busy = altering.being_drafted(pairs)
    by_pair = defaultdict(list)
    for change in run.changes.filter(put_back_at=None, pair__in=ids):
        by_pair[change.pair_id].append(change)
    free = [pair for pair in pairs if pair.pk not in busy]
    wanted = [made for pair in free if (made := _wanted(pair, by_pair[pair.pk]))]
    back, _ = altering.alter(run.project, wanted, action=Action.TEXT_PUT_BACK)
    _mark(change for pair in back for change in by_pair[pair.pk])
    run.put_back += len(back)
    run.left += len(ids) - len(back)
    run.after = ids[-1]
    return len(ids)


def _next(standing: QuerySet[RuleChange]) -> list[int]:
    """Keys of a chunk of pairs, of fewer where much is to be put back."""
    size = Func(F("old"), function="octet_length", output_field=IntegerField())
    sized = standing.values("pair").annotate(size=Sum(size)).order_by("pair")
    found = list(sized.values_list("pair", "size")[:CHUNK])
    sums = accumulate(size for _, size in found)
    count = 1 + sum(1 for whole in sums if whole <= MAX_BYTES)
    return [pk for pk, _ in found[:count]]


def _wanted(pair: Pair, changes: Sequence[RuleChange]) -> Alteration | None:
    """The raw side before these changes (oldest first); None if it is another one
    now."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for change in changes:
        first.setdefault(change.field, change.old)
        last[change.field] = change.new
    beside = {name: json.loads(first.pop(name)) for name in PARTS if name in first}
    if any(json.loads(last.pop(name)) != getattr(pair, name) for name in beside):
        return None
    text: PairText = pair.text
    if any(getattr(text, name) != new for name, new in last.items()):
        return None
    return Alteration(pair, replace(text, **first), beside, changes[0].dealt_as)


def _mark(changes: Iterable[RuleChange]) -> None:
    ids = [change.pk for change in changes]
    RuleChange.objects.filter(pk__in=ids).update(put_back_at=timezone.now())
