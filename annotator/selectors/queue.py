"""What the work pages show of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.states import PairState, Stage
from annotator.models import Autosave, Lease, Pair, Project, Review, User, Verdict
from revision_engine.types import PairText
from training.examples import FIELDS
from training.selectors import active_coach

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


FIELD_LABELS = {
    "instruction": _("Instruction"),
    "input": _("Input"),
    "response": _("Response"),
}


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


@dataclass(frozen=True, slots=True)
class Work:
    """One leased pair with all that its page needs."""

    lease: Lease
    pair: Pair
    fields: Sequence[FieldView]
    returned: Verdict | None
    """Quality control's remarks, when the pair came back to its author."""
    autosave: Autosave | None


def work(lease: Lease, typed: PairText | None = None) -> Work:
    """What the annotator sees: raw, draft, and where they left off (or `typed`)."""
    pair = lease.pair
    autosave = pair.autosaves.filter(author=lease.holder, used_at=None).first()
    returned = (
        Verdict.objects.filter(review__pair=pair, accepted=False)
        .select_related("review", "judge")
        .order_by("-pk")
        .first()
    )
    draft = lease.draft.text if lease.draft else None
    start = typed or autosave or (returned and returned.review) or draft or pair.text
    return Work(lease, pair, _fields(pair.text, draft, start), returned, autosave)


def _fields(raw: PairText, draft: PairText | None, start: object) -> list[FieldView]:
    return [
        FieldView(
            name=name,
            label=FIELD_LABELS[name],
            raw=getattr(raw, name),
            draft=getattr(draft, name) if draft else None,
            hunks=word_diff(getattr(raw, name), getattr(draft or raw, name)),
            value=getattr(start, name),
        )
        for name in FIELDS
    ]


@dataclass(frozen=True, slots=True)
class JudgedField:
    """One field of a review, beside what it came from."""

    name: str
    label: StrPromise
    raw: str
    final: str
    from_raw: Sequence[Hunk]
    from_draft: Sequence[Hunk]
    """Empty without a draft."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One leased review with all that quality control needs."""

    pair: Pair
    review: Review
    fields: Sequence[JudgedField]
    earlier: Sequence[Verdict]
    """Verdicts that sent earlier reviews of the pair back."""


def judged(lease: Lease) -> Judged:
    """The newest review of the held pair, against the raw text and the draft."""
    pair = lease.pair
    newest = pair.reviews.select_related("draft__coach", "author")
    review = newest.order_by("-submitted_at", "-pk")[0]
    draft = review.draft.text if review.draft else None
    earlier = Verdict.objects.filter(review__pair=pair).select_related("judge")
    return Judged(
        pair=pair,
        review=review,
        fields=[
            JudgedField(
                name=name,
                label=FIELD_LABELS[name],
                raw=getattr(pair.text, name),
                final=getattr(review.text, name),
                from_raw=_diff(pair.text, review.text, name),
                from_draft=_diff(draft, review.text, name) if draft else [],
            )
            for name in FIELDS
        ],
        earlier=list(earlier.order_by("pk")),
    )


def _diff(before: PairText, after: PairText, name: str) -> list[Hunk]:
    return word_diff(getattr(before, name), getattr(after, name))


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Pairs, by where they wait."""

    ready: int
    parked: int
    in_review: int
    queued: int
    drafting: int
    reviewed: int
    in_quality: int
    accepted: int
    excluded: int

    @property
    def done(self) -> int:
        """Pairs that need no annotator any more."""
        return self.reviewed + self.in_quality + self.accepted + self.excluded

    @property
    def total(self) -> int:
        waiting = self.ready + self.parked + self.in_review
        waiting += self.queued + self.drafting
        return waiting + self.done


def counts(project: Project) -> QueueCounts:
    """Count a project's pairs by state, in one query."""
    names = QueueCounts.__dataclass_fields__
    by_state = {name: Count("pk", filter=Q(state=PairState(name))) for name in names}
    return QueueCounts(**Pair.objects.filter(project=project).aggregate(**by_state))


@dataclass(frozen=True, slots=True)
class Held:
    """A pair that somebody is at."""

    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class WhyEmpty:
    """Why there is nothing to claim right now."""

    queued: int
    drafting: int
    ready: int
    in_review: int
    waiting_quality: int
    leased: Sequence[Held]
    own: int
    """Reviews that wait for quality control but are the asker's own."""
    ready_for_others: int
    """Pairs kept for the person who wrote or typed about them."""
    has_coach: bool


def why_empty(project: Project, person: User, stage: Stage) -> WhyEmpty:
    """Explain an empty queue to the person who asked for work."""
    leases = Lease.objects.filter(
        pair__project=project, stage=stage, ended_at=None
    ).select_related("holder")
    pairs = Pair.objects.filter(project=project)
    own = pairs.in_state(PairState.REVIEWED).filter(reviews__author=person)
    reserved = (
        pairs.in_state(PairState.READY)
        .filter(reserved_until__gt=timezone.now())
        .exclude(reserved_for=person)
    )
    found = counts(project)
    return WhyEmpty(
        queued=found.queued,
        drafting=found.drafting,
        ready=found.ready,
        in_review=found.in_review,
        waiting_quality=found.reviewed,
        leased=[
            Held(lease.holder.get_username(), lease.expires_at)
            for lease in leases.order_by("expires_at")[:20]
        ],
        own=own.distinct().count(),
        ready_for_others=reserved.count(),
        has_coach=active_coach(project.scope) is not None,
    )
