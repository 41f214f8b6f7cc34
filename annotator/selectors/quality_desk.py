"""What quality control's desk shows of one review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.domain.diffs import Hunk, word_diff
from annotator.models import Autosave, Lease, Pair, Review, Verdict
from annotator.models.texts import FIELD_LABELS
from annotator.selectors.review_desk import FieldView, field_view
from revision_engine.types import PairText
from training.examples import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class JudgedField:
    """One field of a review, beside what it came from."""

    name: str
    label: StrPromise
    raw: str
    final: str
    from_raw: Sequence[Hunk]
    from_draft: Sequence[Hunk]
    """Empty without a draft, and where the arm is hidden."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One leased review with all that quality control needs."""

    pair: Pair
    review: Review
    fields: Sequence[JudgedField]
    earlier: Sequence[Verdict]
    """Verdicts that sent earlier reviews of the pair back."""
    fix: Sequence[FieldView]
    """The editor of a fix, laid over the author's text."""
    autosave: Autosave | None
    """What the reviewer has typed so far."""

    @property
    def is_fixed(self) -> bool:
        """Whether the editor holds another text than the author's."""
        return any(field.value != field.raw for field in self.fix)


def judged(
    lease: Lease, *, typed: PairText | None = None, hide_draft: bool = False
) -> Judged:
    """The newest review of the held pair, against the raw text and the draft."""
    pair = lease.pair
    newest = pair.reviews.standing().select_related("draft__coach", "author")
    review = newest.order_by("-submitted_at", "-pk")[0]
    draft = review.draft.text if review.draft and not hide_draft else None
    earlier = Verdict.objects.filter(review__pair=pair).select_related("judge")
    autosave = pair.autosaves.filter(author=lease.holder).first()
    unsent = autosave.text if autosave and autosave.used_at is None else None
    return Judged(
        pair=pair,
        review=review,
        fields=[_field(name, pair.text, draft, review.text) for name in FIELDS],
        earlier=list(earlier.order_by("pk").prefetch_related("tags")),
        fix=_editor(review.text, typed or unsent or review.text),
        autosave=autosave,
    )


def _field(
    name: str, raw: PairText, draft: PairText | None, final: PairText
) -> JudgedField:
    return JudgedField(
        name=name,
        label=FIELD_LABELS[name],
        raw=getattr(raw, name),
        final=getattr(final, name),
        from_raw=_diff(raw, final, name),
        from_draft=_diff(draft, final, name) if draft else [],
    )


def _editor(review: PairText, start: PairText) -> list[FieldView]:
    return [
        field_view(
            name,
            raw=getattr(review, name),
            offered=getattr(review, name),
            value=getattr(start, name),
            drafted=False,
        )
        for name in FIELDS
    ]


def _diff(before: PairText, after: PairText, name: str) -> list[Hunk]:
    return word_diff(getattr(before, name), getattr(after, name))
