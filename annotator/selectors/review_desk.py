"""What an annotator sees of a pair in hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.hunks import Outcome, Piece, lay
from annotator.models import (
    Autosave,
    Candidate,
    Draft,
    Lease,
    Pair,
)
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import returns
from annotator.selectors.returns import Returned
from revision_engine.types import PairText
from training.examples import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


FOLD_CHARS = 2500
"""Raw texts beyond this fold on the desk, until asked for whole."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as the work page shows it."""

    name: str
    label: StrPromise
    raw: str
    draft: str | None
    """None where there is no draft."""
    hunks: Sequence[Hunk]
    """Raw to draft."""
    value: str
    """What the editor starts with."""
    pieces: Sequence[Piece]
    """`value`, laid over the hunks."""

    @property
    def is_untouched(self) -> bool:
        """Nobody has changed it yet, neither the coach nor the person."""
        offered = self.draft if self.draft is not None else ""
        return self.value == self.raw == offered

    @property
    def is_long(self) -> bool:
        return len(self.raw) > FOLD_CHARS

    @property
    def as_rows(self) -> list[list[object]]:
        """The pieces: before, after, final, and 1 for a hunk of the draft."""
        return [
            [p.before, p.after, p.final, int(p.outcome not in (None, Outcome.OWN))]
            for p in self.pieces
        ]

    @property
    def for_script(self) -> str:
        return json.dumps(self.as_rows, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class DraftView:
    """One draft of a pair in hand, with its number on the desk."""

    number: int | None
    """None while it is written, and where nothing usable came."""
    draft: Draft | None
    """None where there is no number."""
    candidate: Candidate | None
    """None for the draft that the pair came with."""


@dataclass(frozen=True, slots=True)
class ReviewWork:
    """One leased pair with all that its page needs."""

    lease: Lease
    pair: Pair
    fields: Sequence[FieldView]
    returned: Returned | None
    """Quality control's remarks, when the pair came back to its author."""
    autosave: Autosave | None
    drafts: Sequence[DraftView]
    """Empty where the coach has not been asked again."""


def work(lease: Lease, typed: PairText | None = None) -> ReviewWork:
    """What the annotator sees: raw, draft, and where they left off (or `typed`)."""
    pair = lease.pair
    autosave, returned, several = None, None, []
    if not lease.first_time:
        autosave = pair.autosaves.filter(author=lease.holder, used_at=None).first()
        returned = returns.newest(pair)
        several = drafts(lease)
    usable = _usable(lease.draft)
    draft = usable.text if usable else None
    start = (
        typed
        or autosave
        or (returned and returned.verdict.review)
        or draft
        or pair.text
    )
    return ReviewWork(
        lease=lease,
        pair=pair,
        fields=_fields(pair.text, draft, start),
        returned=returned,
        autosave=autosave,
        drafts=several,
    )


def candidates_of(lease: Lease) -> QuerySet[Candidate]:
    """What the holder has asked the coach for, in all their holds on the pair."""
    asked = Candidate.objects.filter(
        lease__pair=lease.pair_id, lease__holder=lease.holder_id
    )
    return asked.order_by("asked_at", "pk")


def drafts(lease: Lease) -> list[DraftView]:
    """The drafts of a pair in hand; empty if none was asked for.

    Numbered as on the page of the pair: usable ones in the order in which they came.
    """
    asked = list(candidates_of(lease).select_related("draft", "coach"))
    if not asked:
        return []
    came: dict[Draft, Candidate | None] = {}
    if first := _first_draft(lease, asked):
        came[first] = None
    for candidate in sorted(asked, key=lambda one: one.draft_id or 0):
        if draft := _usable(candidate.draft):
            came[draft] = candidate
    there = [DraftView(n, *one) for n, one in enumerate(came.items(), 1)]
    others = [one for one in asked if _usable(one.draft) is None]
    return [*there, *(DraftView(None, None, one) for one in others)]


def _first_draft(lease: Lease, asked: Sequence[Candidate]) -> Draft | None:
    own = lease.draft
    if own and all(candidate.draft_id != own.pk for candidate in asked):
        return _usable(own)
    return _usable(lease.pair.draft)


def _usable(draft: Draft | None) -> Draft | None:
    return None if draft is None or draft.problem else draft


def draft_rows(raw: PairText, draft: PairText) -> str:
    """A draft over the raw pair as JSON: by field, as `FieldView.as_rows`."""
    rows = {field.name: field.as_rows for field in _fields(raw, draft, draft)}
    return json.dumps(rows, ensure_ascii=False)


def _fields(raw: PairText, draft: PairText | None, start: object) -> list[FieldView]:
    return [
        field_view(
            name,
            raw=getattr(raw, name),
            offered=getattr(draft or raw, name),
            value=getattr(start, name),
            drafted=draft is not None,
        )
        for name in FIELDS
    ]


def field_view(
    name: str, *, raw: str, offered: str, value: str, drafted: bool
) -> FieldView:
    hunks = word_diff(raw, offered)
    return FieldView(
        name=name,
        label=FIELD_LABELS[name],
        raw=raw,
        draft=offered if drafted else None,
        hunks=hunks,
        value=value,
        pieces=lay(hunks, value),
    )
