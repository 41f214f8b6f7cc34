"""Two texts of one pair, blind: what a lead needs to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from annotator.domain import chance, effort
from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.states import PairState
from annotator.models import Overlap, Pair, Project, Review, Ruling
from annotator.models.texts import FIELD_LABELS
from training.examples import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

Choice = Ruling.Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSide:
    """One text under its letter; nobody's name is with it."""

    letter: str
    review: Review
    choice: str
    """What choosing it means: first or second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the raw pair and of both texts."""

    name: str
    label: StrPromise
    raw: str
    a: str
    b: str
    a_from_raw: Sequence[Hunk]
    b_from_raw: Sequence[Hunk]
    between: Sequence[Hunk]
    """A to B."""

    @property
    def differs(self) -> bool:
        return self.a != self.b


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """One pair that waits for a lead."""

    pair: Pair
    overlap: Overlap
    a: DisputeSide
    b: DisputeSide
    fields: Sequence[Field]

    @property
    def counted(self) -> list[StrPromise]:
        """The fields that the similarity is of: those that either person changed."""
        texts = (self.overlap.first.text, self.overlap.second.text)
        names = effort.changed_fields(self.pair.text, *texts)
        return [FIELD_LABELS[name] for name in names]


def waiting(project: Project) -> QuerySet[Pair]:
    """Pairs that wait for a lead, the longest first."""
    pairs = Pair.objects.filter(project=project).in_state(PairState.DISPUTED)
    return pairs.order_by("state_since", "pk")


def disputed(pair: Pair) -> Disputed | None:
    """Both texts, in an order that tells nothing; None if nobody has to choose now."""
    if pair.state != PairState.DISPUTED:
        return None
    found = Overlap.objects.select_related("first", "second")
    overlap = found.get(pair=pair, second__withdrawn_at=None)
    a, b = _sides(overlap)
    return Disputed(
        pair=pair,
        overlap=overlap,
        a=a,
        b=b,
        fields=[_field(name, pair, a.review, b.review) for name in FIELDS],
    )


def _sides(overlap: Overlap) -> tuple[DisputeSide, DisputeSide]:
    texts = [(overlap.first, Choice.FIRST), (overlap.second, Choice.SECOND)]
    if chance.is_swapped(overlap.pk):
        texts.reverse()
    a, b = (
        DisputeSide(letter=letter, review=review, choice=choice)
        for letter, (review, choice) in zip("AB", texts, strict=True)
    )
    return a, b


def _field(name: str, pair: Pair, a: Review, b: Review) -> Field:
    raw, one, other = (getattr(row, name) for row in (pair, a, b))
    return Field(
        name=name,
        label=FIELD_LABELS[name],
        raw=raw,
        a=one,
        b=other,
        a_from_raw=word_diff(raw, one),
        b_from_raw=word_diff(raw, other),
        between=word_diff(one, other),
    )
