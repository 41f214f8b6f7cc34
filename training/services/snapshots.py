"""Freeze examples into a snapshot that no later change can touch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from training.evaluation.rule import MINIMUM_PAIRS
from training.examples import RevisionExample, as_asked, is_held_out
from training.models import CoachVersion, Snapshot, SnapshotItem
from training.preferences import Preference
from training.selection import Selection, to_test_first
from training.selectors import snapshots_behind


class NothingToTrainOn(ValueError):
    """Too few accepted reviews for a run; the message says how many there are."""


class NothingToMeasureOn(ValueError):
    """No accepted review is held out; the message says how many there are."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which examples a run would learn from and which it would be measured on."""

    offered: int
    train: Sequence[RevisionExample]
    held_out: Sequence[RevisionExample]
    tested_first: Sequence[RevisionExample]
    """Measured on now, for a later run to learn from."""
    leaked: int
    """Left out of training: a pair that is measured on asks for the very same."""

    @property
    def rows(self) -> Iterator[tuple[str, RevisionExample]]:
        """Each example with its role."""
        role = SnapshotItem.Role
        yield from ((role.TRAIN, example) for example in self.train)
        yield from ((role.HELD_OUT, example) for example in self.held_out)
        yield from ((role.TESTED_FIRST, example) for example in self.tested_first)


def split(
    examples: Iterable[RevisionExample],
    *,
    selection: Selection,
    pinned: Set[str],
    learned: Set[str] = frozenset(),
    minimum_pairs: int = MINIMUM_PAIRS,
) -> Split:
    """Set the held-out pairs aside by hash, then select from the others.

    `pinned` are fingerprints that were held out before: they stay so, whatever the
    share is now. The first example of a fingerprint wins: give the newest first. While
    there are few held-out pairs, some that nobody has `learned` are tested first.
    """
    once: dict[str, RevisionExample] = {}
    for example in examples:
        once.setdefault(example.fingerprint, example)
    aside = {key for key in once if is_set_aside(key, pinned)}
    held_out = [once[key] for key in sorted(aside)]
    new = [key for key in once if key not in aside and key not in learned]
    wanted = to_test_first(
        len(held_out), len(once) - len(aside), len(new), minimum_pairs
    )
    first = new[:wanted]
    tested_first = [once[key] for key in first]
    asked = {as_asked(example.raw) for example in (*held_out, *tested_first)}
    rest = once.keys() - aside - set(first)
    others = [example for key, example in once.items() if key in rest]
    may_train = [example for example in others if as_asked(example.raw) not in asked]
    return Split(
        offered=len(once),
        train=selection.choose(may_train),
        held_out=held_out,
        tested_first=tested_first,
        leaked=len(others) - len(may_train),
    )


def is_set_aside(fingerprint: str, pinned: Set[str]) -> bool:
    """Whether a pair is kept for measuring, and never trained on."""
    return fingerprint in pinned or is_held_out(fingerprint, settings.HELD_OUT_SHARE)


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
    learned: Set[str] = frozenset(),
    minimum_pairs: int = MINIMUM_PAIRS,
) -> Snapshot:
    """Write the selected examples down, whole; NothingToTrainOn if there are none.

    What `learned` and `minimum_pairs` do: see split.
    """
    made = split(
        examples,
        selection=selection,
        pinned=pinned(scope),
        learned=learned,
        minimum_pairs=minimum_pairs,
    )
    if not made.train:
        raise NothingToTrainOn(
            gettext(
                "There are %(offered)s accepted reviews, and none of them is left "
                "to train on beside the held-out ones."
            )
            % {"offered": made.offered}
        )
    return store(
        scope,
        list(made.rows),
        made.offered,
        actor,
        query=query,
        selection=selection.as_dict(),
    )


@transaction.atomic
def freeze_measured(
    *,
    scope: str,
    examples: Iterable[RevisionExample],
    actor: Any,
    learned: Set[str] = frozenset(),
    minimum_pairs: int = MINIMUM_PAIRS,
) -> Snapshot:
    """Write down what a coach is measured on, and nothing to train on;
    NothingToMeasureOn if there is nothing. `learned` and `minimum_pairs`: see split."""
    made = split(
        examples,
        selection=Selection(),
        pinned=pinned(scope),
        learned=learned,
        minimum_pairs=minimum_pairs,
    )
    rows = [row for row in made.rows if row[0] != SnapshotItem.Role.TRAIN]
    if not rows:
        raise NothingToMeasureOn(
            gettext(
                "There are %(offered)s accepted reviews, and none of them is held "
                "out: there is nothing to evaluate a coach on yet."
            )
            % {"offered": made.offered}
        )
    return store(scope, rows, made.offered, actor)


def store(
    scope: str,
    rows: Sequence[tuple[str, RevisionExample]],
    offered: int,
    actor: Any,
    preferences: Sequence[Preference] = (),
    query: dict[str, Any] | None = None,
    selection: dict[str, Any] | None = None,
) -> Snapshot:
    """Write a snapshot and its rows; the digest is of its preferences, too, which are
    stored by whoever has them (see preferring)."""
    digest = _digest(rows, preferences)
    snapshot = Snapshot.objects.create(
        scope=scope,
        sha256=digest,
        query=query or {},
        selection=selection or {},
        offered=offered,
        created_by=actor,
    )
    SnapshotItem.objects.bulk_create(
        (_item(snapshot, role, example) for role, example in rows), batch_size=500
    )
    return snapshot


def learned(coaches: Iterable[CoachVersion | None]) -> set[str]:
    """Fingerprints of what these coaches, or those they go on from, learned here."""
    behind = {key for coach in coaches if coach for key in snapshots_behind(coach)}
    items = SnapshotItem.objects.filter(
        snapshot__in=behind, role=SnapshotItem.Role.TRAIN
    )
    return set(items.values_list("fingerprint", flat=True).distinct())


def examples_of(snapshot: Snapshot, *roles: str) -> list[RevisionExample]:
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
        for item in snapshot.items.filter(role__in=roles).order_by("pk")
    ]


def _digest(
    rows: Iterable[tuple[str, RevisionExample]], preferences: Iterable[Preference]
) -> str:
    digest = hashlib.sha256()
    told = [[role, asdict(example)] for role, example in rows]
    told += [["preference", asdict(one)] for one in preferences]
    for line in told:
        digest.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
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
