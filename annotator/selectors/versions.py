"""Two texts of one pair beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.domain.diffs import Hunk, word_diff
from annotator.models import (
    Pair,
)
from annotator.models.texts import FIELD_LABELS
from revision_engine.types import PairText
from training.examples import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """One field in two versions of one person's, or of two people's, text."""

    name: str
    label: StrPromise
    mine: str
    other: str
    hunks: Sequence[Hunk]
    """Other to mine."""


def beside(mine: PairText, other: PairText) -> list[TwoVersions]:
    """Two whole texts, field by field."""
    return [
        TwoVersions(
            name=name,
            label=FIELD_LABELS[name],
            mine=getattr(mine, name),
            other=getattr(other, name),
            hunks=_diff(other, mine, name),
        )
        for name in FIELDS
    ]


def standing_text(pair: Pair) -> tuple[PairText, str]:
    """What the pair says now, and whose text that is (a name, or empty)."""
    if pair.first_author_id:  # the other's text is not for the second person's eyes
        return (pair.draft.text if pair.draft else pair.text), ""
    newest = pair.reviews.standing().select_related("author", "verdict__fix")
    review = newest.order_by("-submitted_at", "-pk").first()
    if review is None:
        return (pair.draft.text if pair.draft else pair.text), ""
    return review.outcome, review.author.get_username() if review.author else ""


def _diff(before: PairText, after: PairText, name: str) -> list[Hunk]:
    return word_diff(getattr(before, name), getattr(after, name))
