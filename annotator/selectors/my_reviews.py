"""What a person handed in, and how each of it fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from annotator.domain.diffs import FieldDiff, field_diffs
from annotator.domain.states import PairState
from annotator.models import Project, Review, User, Verdict
from annotator.selectors import returns

PAGE = 25


class Fate(StrEnum):
    """What became of a review."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    MENDED = "mended"
    RETURNED = "returned"
    PASSED_OVER = "passed over"
    """Another person's text of the pair stands."""


IS: dict[Fate, Q] = {
    Fate.WAITING: Q(verdict=None, passed_over_at=None),
    Fate.ACCEPTED: Q(verdict__accepted=True, verdict__fix=None),
    Fate.MENDED: Q(verdict__accepted=True, verdict__fix__isnull=False),
    Fate.RETURNED: Q(verdict__accepted=False),
    Fate.PASSED_OVER: Q(verdict=None, passed_over_at__isnull=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which reviews to list; empty: all."""

    text: str = ""
    """In any field of the review, whatever the case."""
    fate: Fate | None = None
    before: int = 0
    """Below this number; 0: from the newest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One review of the person."""

    review: Review
    fate: Fate
    verdict: Verdict | None
    reasons: Sequence[str]
    """`Verdict.Reason`s of a return, the main one first."""
    remarks: Sequence[FieldDiff]
    """From the author's text to the reviewer's; empty where there is none."""
    may_take_up: bool


def page(person: User, project: Project, asked: Asked) -> tuple[list[HandedIn], int]:
    """Newest first, and where the next page begins (0: there is none)."""
    mine = Review.objects.handed_in().filter(author=person, pair__project=project)
    if asked.text:
        mine = mine.filter(
            Q(instruction__icontains=asked.text)
            | Q(input__icontains=asked.text)
            | Q(response__icontains=asked.text)
        )
    if asked.fate:
        mine = mine.filter(IS[asked.fate])
    if asked.before:
        mine = mine.filter(pk__lt=asked.before)
    found = mine.select_related("pair__project", "verdict__judge", "verdict__fix")
    rows = list(found.prefetch_related("verdict__tags").order_by("-pk")[: PAGE + 1])
    before = rows[PAGE - 1].pk if len(rows) > PAGE else 0
    return [_handed_in(review) for review in rows[:PAGE]], before


def _handed_in(review: Review) -> HandedIn:
    verdict: Verdict | None = getattr(review, "verdict", None)
    fix = getattr(verdict, "fix", None)
    return HandedIn(
        review=review,
        fate=_fate(review, verdict),
        verdict=verdict,
        reasons=returns.reasons(verdict) if verdict else (),
        remarks=field_diffs(review.text, fix.text) if fix else (),
        may_take_up=may_take_up(review),
    )


def _fate(review: Review, verdict: Verdict | None) -> Fate:
    if verdict is None:
        return Fate.PASSED_OVER if review.passed_over_at else Fate.WAITING
    if not verdict.accepted:
        return Fate.RETURNED
    return Fate.MENDED if getattr(verdict, "fix", None) else Fate.ACCEPTED


def may_take_up(review: Review) -> bool:
    """Whether its author may correct it: nobody has judged it, or is at it.

    Not one of two texts of a pair, since the other person's may hang on it; and not one
    that is kept for an audit, since an audit that can be mended proves nothing.
    """
    waits = review.pair.state == PairState.REVIEWED
    stands = review.withdrawn_at is None and review.passed_over_at is None
    judged = getattr(review, "verdict", None) is not None
    alone = review.slot is None and review.audit_of_id is None
    is_open = not review.pair.project.is_archived
    return waits and stands and alone and is_open and not judged
