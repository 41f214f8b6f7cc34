"""Freeze examples into a snapshot that no later change can touch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from training.examples import RevisionExample, is_held_out, most_revised
from training.models import Snapshot, SnapshotItem


class NothingToTrainOn(ValueError):
    """Too few accepted reviews for a run; the message says how many there are."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which examples a run would learn from and which it would be measured on."""

    offered: int
    train: Sequence[RevisionExample]
    held_out: Sequence[RevisionExample]


def select(examples: Iterable[RevisionExample], *, alpha: float) -> Selection:
    """Split by hash, then keep the most revised share of what may be learned from.

    The first example of a fingerprint wins: give the newest first.
    """
    once: dict[str, RevisionExample] = {}
    for example in examples:
        once.setdefault(example.fingerprint, example)
    share = settings.HELD_OUT_SHARE
    held_out = [e for key, e in once.items() if is_held_out(key, share)]
    may_train = [e for key, e in once.items() if not is_held_out(key, share)]
    held_out.sort(key=lambda example: example.fingerprint)
    train = most_revised(may_train, alpha)
    return Selection(len(once), train, held_out)


@transaction.atomic
def freeze(
    *,
    scope: str,
    examples: Iterable[RevisionExample],
    alpha: float,
    actor: Any,
) -> Snapshot:
    """Write the selected examples down, whole; NothingToTrainOn if there are none."""
    selection = select(examples, alpha=alpha)
    if not selection.train:
        raise NothingToTrainOn(
            f"There are {selection.offered} accepted reviews, and none of them is "
            f"left to train on after the held-out ones are set aside."
        )
    rows = [(SnapshotItem.Role.TRAIN, example) for example in selection.train]
    rows += [(SnapshotItem.Role.HELD_OUT, example) for example in selection.held_out]
    snapshot = Snapshot.objects.create(
        scope=scope,
        sha256=_digest(rows),
        alpha=alpha,
        offered=selection.offered,
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
    )
