"""Freeze examples into a snapshot that no later change can touch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from training.examples import RevisionExample, is_held_out
from training.models import Snapshot, SnapshotItem
from training.selection import Selection


class NothingToTrainOn(ValueError):
    """Too few accepted reviews for a run; the message says how many there are."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which examples a run would learn from and which it would be measured on."""

    offered: int
    train: Sequence[RevisionExample]
    held_out: Sequence[RevisionExample]
    leaked: int
    """Left out of training: a held-out pair asks for the very same."""


def split(
    examples: Iterable[RevisionExample], *, selection: Selection, pinned: Set[str]
) -> Split:
    """Set the held-out pairs aside by hash, then select from the others.

    `pinned` are fingerprints that were held out before: they stay so, whatever the
    share is now. The first example of a fingerprint wins: give the newest first.
    """
    once: dict[str, RevisionExample] = {}
    for example in examples:
        once.setdefault(example.fingerprint, example)
    share = settings.HELD_OUT_SHARE
    aside = {key for key in once if key in pinned or is_held_out(key, share)}
    held_out = [once[key] for key in sorted(aside)]
    asked = {_asked(example) for example in held_out}
    others = [example for key, example in once.items() if key not in aside]
    may_train = [example for example in others if _asked(example) not in asked]
    return Split(
        offered=len(once),
        train=selection.choose(may_train),
        held_out=held_out,
        leaked=len(others) - len(may_train),
    )


def _asked(example: RevisionExample) -> tuple[str, ...]:
    """Instruction and input as they read, not as they are typed."""
    raw = example.raw
    return tuple(
        " ".join(part.split()).casefold() for part in (raw.instruction, raw.input)
    )


def pinned(scope: str) -> set[str]:
    """Fingerprints that a coach of this scope was ever measured on."""
    items = SnapshotItem.objects.filter(
        snapshot__scope=scope, role=SnapshotItem.Role.HELD_OUT
    )
    return set(items.values_list("fingerprint", flat=True).distinct())


@transaction.atomic
def freeze(
    *,
    scope: str,
    examples: Iterable[RevisionExample],
    selection: Selection,
    query: dict[str, Any],
    actor: Any,
) -> Snapshot:
    """Write the selected examples down, whole; NothingToTrainOn if there are none."""
    made = split(examples, selection=selection, pinned=pinned(scope))
    if not made.train:
        raise NothingToTrainOn(
            f"There are {made.offered} accepted reviews, and none of them is "
            f"left to train on after the held-out ones are set aside."
        )
    rows = [(SnapshotItem.Role.TRAIN, example) for example in made.train]
    rows += [(SnapshotItem.Role.HELD_OUT, example) for example in made.held_out]
    snapshot = Snapshot.objects.create(
        scope=scope,
        sha256=_digest(rows),
        query=query,
        selection=selection.as_dict(),
        offered=made.offered,
        created_by=actor,
    )
    SnapshotItem.objects.bulk_create(
        (_item(snapshot, role, example) for role, example in rows), batch_size=500
    )
    return snapshot


def examples_of(snapshot: Snapshot, role: str) -> list[RevisionExample]:
    """Read a snapshot back, in the order it was frozen in."""
    return [
        RevisionExample(
            source_id=item.source_id,
            raw=item.raw,
            revised=item.revised,
            distance=item.distance,
            category=item.category,
            weight=item.weight,
        )
        for item in snapshot.items.filter(role=role).order_by("pk")
    ]


def _digest(rows: Iterable[tuple[str, RevisionExample]]) -> str:
    digest = hashlib.sha256()
    for role, example in rows:
        line = json.dumps([role, asdict(example)], ensure_ascii=False)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _item(snapshot: Snapshot, role: str, example: RevisionExample) -> SnapshotItem:
    return SnapshotItem(
        snapshot=snapshot,
        role=role,
        source_id=example.source_id,
        fingerprint=example.fingerprint,
        raw_instruction=example.raw.instruction,
        raw_input=example.raw.input,
        raw_response=example.raw.response,
        revised_instruction=example.revised.instruction,
        revised_input=example.revised.input,
        revised_response=example.revised.response,
        distance=example.distance,
        category=example.category[:80],
        weight=example.weight,
    )
