"""What an annotator sees of a pair in hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.hunks import Outcome, Piece, lay
from annotator.models import (
    Autosave,
    Candidate,
    Lease,
    Pair,
)
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import returns, undoable
from annotator.selectors.returns import Returned
from annotator.selectors.undoable import Undoable
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
    def is_long(self) -> bool:
        return len(self.raw) > FOLD_CHARS

    @property
    def for_script(self) -> str:
        """The pieces as JSON: before, after, final, and 1 for a hunk of the draft."""
        return json.dumps(
            [
                [p.before, p.after, p.final, int(p.outcome not in (None, Outcome.OWN))]
                for p in self.pieces
            ],
            ensure_ascii=False,
        )


@dataclass(frozen=True, slots=True)
class ReviewWork:
    """One leased pair with all that its page needs."""

    lease: Lease
    pair: Pair
    fields: Sequence[FieldView]
    returned: Returned | None
    """Quality control's remarks, when the pair came back to its author."""
    autosave: Autosave | None
    undoable: Undoable | None
    """The deed before this pair, while it can be taken back."""
    candidates: Sequence[Candidate]
    comments: int


def work(lease: Lease, typed: PairText | None = None) -> ReviewWork:
    """What the annotator sees: raw, draft, and where they left off (or `typed`)."""
    pair = lease.pair
    autosave, returned, asked = None, None, []
    if not lease.first_time:
        autosave = pair.autosaves.filter(author=lease.holder, used_at=None).first()
        returned = returns.newest(pair)
        asked = candidates(lease)
    draft = lease.draft.text if lease.draft else None
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
        undoable=undoable.newest(lease.holder, pair.project.home, undoable.Desk.REVIEW),
        candidates=asked,
        comments=pair.comments.count(),
    )


def candidates(lease: Lease) -> list[Candidate]:
    """What the coach was asked for on this page, in order."""
    return list(lease.candidates.select_related("draft", "coach").order_by("number"))


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
