"""Freeze preferences beside the examples that they belong to, and read them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from revision_engine.types import PairText
from training.config import Learns
from training.models import Snapshot, SnapshotItem, SnapshotPreference
from training.preferences import LEAST, Preference
from training.services import snapshots
from training.services.snapshots import Split


class TooFewPreferences(ValueError):
    """Too few for a run; the message says how many there are, and what is asked."""


def counts(found: Sequence[Preference]) -> dict[str, int]:
    """How many there are of each kind, in the order in which they come."""
    return dict(Counter(one.kind for one in found))


def too_few(found: int) -> str:
    """Why so many are not learned from."""
    return gettext(
        "People's decisions give %(found)s preferences, and a run needs %(least)s: "
        "train on their texts instead, or wait for more reviews."
    ) % {"found": found, "least": LEAST}


@transaction.atomic
def freeze(
    *,
    scope: str,
    made: Split,
    found: Sequence[Preference],
    query: dict[str, Any],
    actor: Any,
) -> Snapshot:
    """Write the preferences down, whole, with their examples as what is learned from
    and with what is measured.

    One that belongs to no example of `made.train` is refused with a ValueError: it
    could be of a pair that is measured on. TooFewPreferences below LEAST.
    """
    if len(found) < LEAST:
        raise TooFewPreferences(too_few(len(found)))
    by_source: dict[str, list[Preference]] = {}
    for one in found:
        by_source.setdefault(one.source_id, []).append(one)
    train = [example for example in made.train if example.source_id in by_source]
    if strange := by_source.keys() - {example.source_id for example in train}:
        raise ValueError(f"no example that may be learned from: {sorted(strange)[:3]}")
    snapshot = snapshots.store(
        scope,
        list(replace(made, train=train).rows),
        made.offered,
        actor,
        preferences=found,
        query=query,
        selection={"kind": str(Learns.PREFERENCES), **counts(found)},
    )
    items = {
        item.source_id: item
        for item in snapshot.items.filter(role=SnapshotItem.Role.TRAIN)
    }
    SnapshotPreference.objects.bulk_create(
        (_row(items[one.source_id], one) for one in found), batch_size=500
    )
    return snapshot


def _row(item: SnapshotItem, one: Preference) -> SnapshotPreference:
    return SnapshotPreference(
        item=item,
        kind=one.kind,
        hint=one.hint,
        chosen_instruction=one.chosen.instruction,
        chosen_input=one.chosen.input,
        chosen_response=one.chosen.response,
        rejected_instruction=one.rejected.instruction,
        rejected_input=one.rejected.input,
        rejected_response=one.rejected.response,
    )


def preferences_of(snapshot: Snapshot) -> list[Preference]:
    """Read them back, in the order they were frozen in."""
    rows = SnapshotPreference.objects.filter(item__snapshot=snapshot)
    return [
        Preference(
            source_id=row.item.source_id,
            kind=row.kind,
            raw=row.item.raw,
            chosen=PairText(
                instruction=row.chosen_instruction,
                input=row.chosen_input,
                response=row.chosen_response,
            ),
            rejected=PairText(
                instruction=row.rejected_instruction,
                input=row.rejected_input,
                response=row.rejected_response,
            ),
            hint=row.hint,
        )
        for row in rows.select_related("item").order_by("pk")
    ]
