"""Rows whose id the project has with another text: kept out, or taken in place.

What a person has touched is never altered; the row says so in a remark.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from annotator.domain.actions import Action
from annotator.domain.states import PairState
from annotator.formats.rules import screening
from annotator.formats.rules.outcomes import Exclusion
from annotator.models import Batch, Draft, Pair, Replacement
from annotator.services.entering import Fresh
from annotator.services.workflow import move_all

TEXTS = ("instruction", "input", "response", "context", "shape", "extra", "category")
SameId = Batch.SameId


@dataclass(slots=True)
class Settled:
    """What became of rows whose pair the project does not have."""

    fresh: list[Fresh]
    """Rows that make a new pair."""
    updated: int = 0
    left_out: set[int] = field(default_factory=set)
    """Numbers of rows of which nothing is stored."""
    told: list[tuple[int, str]] = field(default_factory=list)
    """Remarks, with the number of their row."""


def settle(batch: Batch, fresh: Sequence[Fresh]) -> Settled:
    """Sort out the rows whose id is here by what was decided for the batch.

    Of several pairs with an id the newest counts; of several rows of one file the
    first. To be called in a transaction in which nobody else stores pairs.
    """
    if batch.same_id == SameId.ADD:
        return Settled(list(fresh))
    here = _here(batch, fresh)
    settled, meant, met = Settled([]), dict[int, Fresh](), set[str]()
    for each in fresh:
        name = each.prepared.external_id
        pair = here.get(name)
        if name and name in met:
            why = gettext("%(name)r is the id of an earlier row, too")
            _leave_out(settled, each, why % {"name": name})
        elif pair is None:
            settled.fresh.append(each)
        elif batch.same_id == SameId.KEEP:
            why = gettext("pair %(pair)s is here with this id, and is kept")
            _leave_out(settled, each, why % {"pair": pair})
        else:
            meant[pair] = each
        met.add(name)
    _update(batch, settled, meant)
    return settled


def _here(batch: Batch, fresh: Sequence[Fresh]) -> dict[str, int]:
    """The newest pair of each id among the rows."""
    ids = {each.prepared.external_id for each in fresh} - {""}
    if not ids:
        return {}
    mine = Pair.objects.filter(project=batch.project_id, external_id__in=ids)
    return dict(mine.order_by("pk").values_list("external_id", "pk"))


def _leave_out(settled: Settled, each: Fresh, why: str) -> None:
    settled.left_out.add(each.prepared.number)
    said = gettext("%(why)s: the row is left out") % {"why": why}
    settled.told.append((each.prepared.number, said))


def _update(batch: Batch, settled: Settled, meant: Mapping[int, Fresh]) -> None:
    # A draft that is under way is of the old text: such a pair is left alone.
    free = Pair.objects.untouched().exclude(state=PairState.DRAFTING)
    pairs = list(free.filter(pk__in=meant).locked().order_by("pk"))
    found = {pair.pk for pair in pairs}
    for pk, each in meant.items():
        if pk not in found:
            why = gettext(
                "pair %(pair)s has this id, and has been touched or is under way"
            )
            _leave_out(settled, each, why % {"pair": pk})
    _back_to_import(batch, pairs, meant)
    _queue(pairs)
    settled.updated = len(pairs)


def _back_to_import(
    batch: Batch, pairs: Sequence[Pair], meant: Mapping[int, Fresh]
) -> None:
    """Give the pairs their new texts; the old ones are in the history."""
    move_all(
        pairs,
        PairState.IMPORTED,
        action=Action.UPDATED_BY_IMPORT,
        notes={
            pair.pk: _note(batch, pair, meant[pair.pk].prepared.number)
            for pair in pairs
        },
        draft=None,
        draft_coach=None,
        errand=None,
        priority=0,
    )
    Replacement.objects.filter(pair__in=pairs).delete()
    Draft.objects.filter(pair__in=pairs).delete()
    for pair in pairs:
        each = meant[pair.pk]
        stratum = (pair.length_band, pair.category)
        if stratum != (each.length_band, each.category):
            pair.dealt_as = None  # that number is of the stratum which it leaves
        for name in TEXTS:
            setattr(pair, name, getattr(each.prepared.row, name))
        pair.context = list(pair.context)
        pair.fingerprint = each.fingerprint
    Pair.objects.bulk_update(
        pairs, [*TEXTS, "fingerprint", "dealt_as"], batch_size=1_000
    )


def _note(batch: Batch, pair: Pair, row: int) -> str:
    parts = (pair.instruction, pair.input, pair.response)
    old = "\n\n".join(filter(None, parts))
    return f"{batch.name}, row {row}. Before:\n\n{old}"


def _queue(pairs: Collection[Pair]) -> None:
    """Screen the new texts as an import does."""
    caught: dict[Exclusion | None, list[Pair]] = {}
    for pair in pairs:
        caught.setdefault(screening.screen(pair.text), []).append(pair)
    for found, members in caught.items():
        if found is None:
            move_all(members, PairState.QUEUED, action=Action.QUEUED)
            continue
        move_all(
            members,
            PairState.EXCLUDED,
            action=Action.EXCLUDED_BY_RULE,
            note=found.sentence,
            exclusion_reason=found.reason,
            exclusion_note=found.sentence,
        )
