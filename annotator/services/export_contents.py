"""What an export is to hold: its pairs, its columns, its rows, and counts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from annotator.database.ahead import read_ahead
from annotator.formats.exports import shapes
from annotator.formats.exports.columns import CellKind, Survey
from annotator.formats.exports.orders import Beside, ExportOrder, ExportShape
from annotator.formats.exports.sources import PairSource
from annotator.models import Project
from annotator.selectors import audit_trail, exported
from annotator.selectors.exported import Ids
from training.examples import as_asked
from training.models import CoachVersion
from training.services import snapshots

Rows = list[dict[str, Any]]
OwnColumns = tuple[dict[str, CellKind], dict[str, list[str]]]
"""Columns by name, and of those that hold chats the keys of a turn."""
HELD_OUT = "held out for measuring coaches"
NO_PREFERENCE = "no other text to prefer the final one to"


class ExportContents(Protocol):
    """The pairs of one export; counts grow as rows are read."""

    are_reviews: bool
    """Whether the keys are those of reviews; else of pairs."""
    ids: Ids
    pairs: int
    """That were read and were still there."""
    left_out: Counter[str]

    def columns(self, tell: Callable[[], None]) -> OwnColumns:
        """Looks at all pairs; `tell` is called now and then."""

    def read(self, ids: Ids) -> Sequence[Any]:
        """What the database says of some of the pairs, in their order."""

    def rows(self, found: Sequence[Any]) -> Rows:
        """The rows that those pairs become."""

    def counts(self) -> dict[str, dict[str, int]]:
        """For the manifest: the pairs that were read, by what they are."""


def of(project: Project, order: ExportOrder) -> ExportContents:
    """Find the pairs of an order; Invalid names what it asks for and is not there."""
    if order.shape == ExportShape.AUDIT:
        return Histories(project, order)
    return AcceptedPairs(project, order)


class AcceptedPairs:
    """Accepted texts in a shape for training."""

    are_reviews = True

    def __init__(self, project: Project, order: ExportOrder) -> None:
        self.project = project
        self.order = order
        self.shape = shapes.SHAPES[order.shape]
        self.found = exported.accepted(project, order.wanted)
        self.ids = exported.review_ids(self.found)
        self.pairs = 0
        self.left_out: Counter[str] = Counter()
        self._seen: Counter[tuple[str, str, int | None, int]] = Counter()
        self._held_out = HeldOut(project) if self.shape.needs.training else None

    def columns(self, tell: Callable[[], None]) -> OwnColumns:
        survey = Survey(shapes.fixed_columns(self.order))
        if not self.shape.is_closed:
            chunks = exported.chunks(self.ids)
            for _, found in read_ahead(chunks, partial(exported.beside, self.found)):
                for source in found:
                    survey.add(shapes.template(source, self.order))
                tell()
        turns = {
            name: sorted(survey.turn_keys.get(name, set()), key=_role_first)
            or ["role", "content"]
            for name, kind in self.shape.columns.items()
            if kind == CellKind.TURNS
        }
        return survey.columns(), turns

    def rows(self, found: Sequence[PairSource]) -> Rows:
        sources = self._measured(found)
        self.pairs += len(sources)
        self._seen.update((s.kind, s.decision, s.coach, s.batch) for s in sources)
        made: Rows = []
        for source in sources:
            before = len(made)
            made.extend(shapes.rows_of(source, self.order))
            if len(made) == before:
                self.left_out[HELD_OUT if source.is_held_out else NO_PREFERENCE] += 1
        return made

    def read(self, ids: Ids) -> Sequence[PairSource]:
        return exported.sources(
            self.found,
            ids,
            needs=self.shape.needs,
            with_origin=self.order.beside == Beside.ALL and not self.shape.is_closed,
        )

    def _measured(self, sources: Sequence[PairSource]) -> Sequence[PairSource]:
        if self._held_out is None:
            return sources
        return [
            source._replace(is_held_out=source in self._held_out) for source in sources
        ]

    def counts(self) -> dict[str, dict[str, int]]:
        by: list[Counter[Any]] = [Counter() for _ in range(4)]
        for key, count in self._seen.items():
            for each, part in zip(by, key, strict=True):
                each[part] += count
        kinds, decisions, coaches, batches = by
        names = dict(self.project.batches.values_list("pk", "name"))
        return {
            "pairs_by_quality": dict(kinds),
            "pairs_by_decision": dict(decisions),
            "pairs_by_coach": _by_coach(coaches),
            "pairs_by_batch": {
                f"{pk}: {names.get(pk, '')}": n for pk, n in sorted(batches.items())
            },
        }


def _role_first(key: str) -> tuple[bool, str]:
    return key not in ("role", "from"), key


def _by_coach(counts: Counter[int | None]) -> dict[str, int]:
    found = CoachVersion.objects.in_bulk([pk for pk in counts if pk is not None])
    named = {
        f"{found[pk].name} ({found[pk].adapter_sha256[:12]})": n
        for pk, n in sorted(counts.items(), key=lambda each: each[0] or 0)
        if pk is not None
    }
    without = {"without a draft": counts[None]} if counts[None] else {}
    return named | without


class HeldOut:
    """Pairs that no coach of the project is trained on."""

    def __init__(self, project: Project) -> None:
        self.pinned = snapshots.pinned(project.scope)
        self.asked = {
            as_asked(text)
            for fingerprint, text in exported.raw_texts(project)
            if snapshots.is_set_aside(fingerprint, self.pinned)
        }

    def __contains__(self, source: PairSource) -> bool:
        return (
            snapshots.is_set_aside(source.fingerprint or "", self.pinned)
            or as_asked(source.raw) in self.asked
        )


class Histories:
    """All that is known of pairs, accepted or not."""

    are_reviews = False

    def __init__(self, project: Project, order: ExportOrder) -> None:
        self.project = project
        self.found = exported.pairs(project, order.wanted)
        self.ids = exported.pair_ids(self.found)
        self.pairs = 0
        self.left_out: Counter[str] = Counter()
        self._states: Counter[str] = Counter()

    def columns(self, tell: Callable[[], None]) -> OwnColumns:
        return dict(audit_trail.COLUMNS), {}

    def read(self, ids: Ids) -> Rows:
        return audit_trail.rows(self.found, ids)

    def rows(self, found: Sequence[Any]) -> Rows:
        made = list(found)
        self.pairs += len(made)
        self._states.update(row["state"] for row in made)
        return made

    def counts(self) -> dict[str, dict[str, int]]:
        return {"pairs_in_file_by_state": dict(self._states)}


def count(project: Project, order: ExportOrder) -> int:
    """How many pairs an order would take up now."""
    if order.shape == ExportShape.AUDIT:
        return exported.pairs(project, order.wanted).count()
    return exported.accepted(project, order.wanted).count()
