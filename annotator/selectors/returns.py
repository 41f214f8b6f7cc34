"""What quality control had to say about a person's reviews: for the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from annotator.domain.diffs import FieldDiff, field_diffs
from annotator.domain.states import PairState
from annotator.models import Pair, Project, User, Verdict

SHOWN = 30
"""Verdicts on the page, newest first."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One verdict that found something: reasons, note, and the reviewer's text."""

    verdict: Verdict
    reasons: Sequence[str]
    """`Verdict.Reason`s, the main one first."""
    remarks: Sequence[FieldDiff]
    """From the author's text to the reviewer's; empty where there is none."""


def newest(pair: Pair) -> Returned | None:
    """The newest return of a pair."""
    sent_back = Verdict.objects.filter(review__pair=pair, accepted=False)
    found = sent_back.select_related("review", "judge", "fix").order_by("-pk").first()
    return _returned(found) if found else None


def of_author(person: User, project: Project) -> list[Returned]:
    """Returns and fixes of the person's reviews, newest first."""
    found = Verdict.objects.filter(
        Q(accepted=False) | Q(fix__isnull=False),
        review__author=person,
        review__pair__project=project,
    )
    newest_first = found.select_related("review", "judge", "fix").order_by("-pk")
    return [
        _returned(verdict) for verdict in newest_first.prefetch_related("tags")[:SHOWN]
    ]


def waiting(person: User, project: Project) -> int:
    """Pairs that came back and wait for the person, who has none of them in hand."""
    mine = Pair.objects.filter(
        project=project, state=PairState.READY, reserved_for=person
    )
    returned = Verdict.objects.filter(
        review__pair=OuterRef("pk"), review__author=person, accepted=False
    )
    return mine.filter(Exists(returned)).count()


def reasons(verdict: Verdict) -> list[str]:
    """Every reason of a return, the main one first."""
    tags = sorted(verdict.tags.all(), key=lambda tag: tag.pk)
    found = [verdict.reason, *(tag.reason for tag in tags)]
    return list(dict.fromkeys(filter(None, found)))


def _returned(verdict: Verdict) -> Returned:
    fix = getattr(verdict, "fix", None)
    remarks = field_diffs(verdict.review.text, fix.text) if fix else []
    return Returned(verdict, reasons(verdict), remarks)
