"""Pairs that two people revised: how far they agree, from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, median

from django.db.models import QuerySet

from annotator.domain.agreement import Agreement, Both, measure
from annotator.domain.rubric import CRITERIA
from annotator.models import Overlap, Project, Ruling

DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """One pair with two texts: all that the figures are counted from."""

    pair: int
    first: str
    """User name of who wrote the first text."""
    second: str
    decision_first: str
    decision_second: str
    tags_first: tuple[str, ...]
    """Keys of the criteria that were marked."""
    tags_second: tuple[str, ...]
    similarity: float
    """Word similarity of the two texts in what either changed, 0 to 1."""
    is_one_text: bool
    """They agreed by the rule; nobody had to choose."""
    ruling: str
    """first, second or third; empty where nobody chose (yet)."""
    reason: str
    seconds_first: float
    seconds_second: float
    at: datetime
    """When the second text was handed in."""

    @property
    def is_open(self) -> bool:
        """Whether a lead has yet to choose."""
        return not self.is_one_text and not self.ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """All that the agreement page says; `rows` is what it was counted from."""

    rows: Sequence[AgreementRow]
    people: int
    decision: Agreement
    tags: Sequence[Agreement]
    """One a criterion: marked by both, by one, or by neither."""
    one_text: int
    """Pairs on which nobody had to choose."""
    mean_similarity: float | None
    median_similarity: float | None
    open: int
    """Pairs that wait for a lead."""
    reasons: Sequence[tuple[str, int]]
    """Reasons of rulings, most frequent first: (key, count)."""


def agreements(project: Project) -> Agreements:
    """Counted afresh: three queries, whatever the number of pairs."""
    found = rows(project)
    alike = [row.similarity for row in found]
    reasons = [row.reason for row in found if row.reason]
    by_count = sorted(set(reasons), key=lambda reason: (-reasons.count(reason), reason))
    return Agreements(
        rows=found,
        people=len({name for row in found for name in (row.first, row.second)}),
        decision=measure(
            DECISION, [(row.decision_first, row.decision_second) for row in found]
        ),
        tags=[measure(c.key, [_marked(c.key, row) for row in found]) for c in CRITERIA],
        one_text=sum(row.is_one_text for row in found),
        mean_similarity=fmean(alike) if alike else None,
        median_similarity=median(alike) if alike else None,
        open=sum(row.is_open for row in found),
        reasons=[(reason, reasons.count(reason)) for reason in by_count],
    )


def _marked(key: str, row: AgreementRow) -> Both:
    return str(key in row.tags_first), str(key in row.tags_second)


def standing(project: Project) -> QuerySet[Overlap]:
    """Overlaps whose second submit was not taken back."""
    return Overlap.objects.filter(pair__project=project, second__withdrawn_at=None)


def rows(project: Project) -> list[AgreementRow]:
    """Every pair with two texts, in the order in which they came about."""
    found = standing(project).select_related("first__author", "second__author")
    tagged = found.prefetch_related("first__tags", "second__tags")
    rulings = Ruling.objects.filter(overlap__pair__project=project)
    ruled = {ruling.overlap_id: ruling for ruling in rulings}
    return [_row(one, ruled.get(one.pk)) for one in tagged.order_by("pk")]


def blind(found: Iterable[AgreementRow]) -> list[AgreementRow]:
    """Without the names where a lead has yet to choose: who chooses reads this, too."""
    return [replace(row, first="", second="") if row.is_open else row for row in found]


def _row(overlap: Overlap, ruling: Ruling | None) -> AgreementRow:
    first, second = overlap.first, overlap.second
    return AgreementRow(
        pair=overlap.pair_id,
        first=first.author.get_username() if first.author else "",
        second=second.author.get_username() if second.author else "",
        decision_first=first.decision,
        decision_second=second.decision,
        tags_first=tuple(sorted(tag.criterion for tag in first.tags.all())),
        tags_second=tuple(sorted(tag.criterion for tag in second.tags.all())),
        similarity=overlap.similarity,
        is_one_text=overlap.is_one_text,
        ruling=ruling.choice if ruling else "",
        reason=ruling.reason if ruling else "",
        seconds_first=first.active_seconds,
        seconds_second=second.active_seconds,
        at=overlap.at,
    )
