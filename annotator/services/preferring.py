"""Hand people's decisions to training: what they would rather have had written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from annotator.domain.preferring import preferences
from annotator.models import Project, User
from annotator.selectors import decisions
from training.examples import RevisionExample
from training.models import Snapshot
from training.preferences import MOST, Preference, PreferenceKind
from training.selection import Kind, Selection
from training.services import preferring, snapshots
from training.services.snapshots import Split

CHUNK = 200
"""Reviews whose deeds are read together."""
KINDS = tuple(str(kind) for kind in PreferenceKind)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a run would learn from people's decisions, and be measured on."""

    split: Split
    """Its `train` are the examples that have a preference."""
    preferences: Sequence[Preference]


def check_kinds(kinds: object) -> tuple[str, ...]:
    """The kinds that were asked for, each once; all if none was. ValueError names one
    that is unknown."""
    if isinstance(kinds, str) or not isinstance(kinds, Iterable):
        raise ValueError("preferences must be a list of kinds.")
    asked = [str(kind) for kind in kinds]
    if unknown := [kind for kind in asked if kind not in KINDS]:
        raise ValueError(
            f"preferences may be {', '.join(KINDS)}, got {', '.join(unknown)}"
        )
    return tuple(kind for kind in KINDS if kind in asked) or KINDS


def decided(
    project: Project,
    examples: Iterable[RevisionExample],
    kinds: Sequence[str],
    **measuring: Any,
) -> Decided:
    """The preferences of the examples that are not measured on: MOST of them, those of
    the newest reviews. `measuring` as for snapshots.split."""
    made = snapshots.split(
        examples,
        selection=Selection(kind=Kind.ALL),
        pinned=snapshots.pinned(project.scope),
        **measuring,
    )
    found: list[Preference] = []
    for start in range(0, len(made.train), CHUNK):
        some = made.train[start : start + CHUNK]
        keys = [int(one.source_id.partition(":")[2]) for one in some]
        for deeds in decisions.deeds(keys):
            found += [one for one in preferences(deeds) if one.kind in kinds]
        if len(found) >= MOST:
            break
    found = found[:MOST]
    return Decided(_with_a_preference(made, found), found)


def _with_a_preference(made: Split, found: Sequence[Preference]) -> Split:
    told: Set[str] = {one.source_id for one in found}
    return replace(made, train=[one for one in made.train if one.source_id in told])


def freeze(
    project: Project,
    examples: Iterable[RevisionExample],
    kinds: Sequence[str],
    *,
    query: dict[str, Any],
    actor: User | None,
    **measuring: Any,
) -> Snapshot:
    """Write down what `decided` finds; TooFewPreferences where that is too little."""
    found = decided(project, examples, kinds, **measuring)
    return preferring.freeze(
        scope=project.scope,
        made=found.split,
        found=found.preferences,
        query=query,
        actor=actor,
    )
