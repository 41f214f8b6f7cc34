"""What the work pages show of the queue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.hunks import Outcome, Piece, lay
from annotator.domain.states import PairState, Stage
from annotator.models import (
    Autosave,
    Batch,
    Candidate,
    Check,
    Lease,
    Pair,
    Project,
    User,
)
from annotator.selectors import offered, returns, undoable
from annotator.selectors.returns import Returned
from annotator.selectors.undoable import Undoable
from revision_engine.types import PairText
from training.examples import FIELDS
from training.selectors import active_coach

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


FOLD_CHARS = 2500
"""Raw texts beyond this fold on the desk, until asked for whole."""
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
class Work:
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


def work(lease: Lease, typed: PairText | None = None) -> Work:
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
    return Work(
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


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """One field in two versions of one person's, or of two people's, text."""

    name: str
    label: StrPromise
    mine: str
    other: str
    hunks: Sequence[Hunk]
    """Other to mine."""


def compare(mine: PairText, other: PairText) -> list[TwoVersions]:
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


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Pairs, by where they wait."""

    ready: int
    parked: int
    in_review: int
    queued: int
    drafting: int
    disputed: int
    reviewed: int
    in_quality: int
    accepted: int
    excluded: int

    @property
    def done(self) -> int:
        """Pairs that need no annotator any more."""
        judged = self.disputed + self.reviewed + self.in_quality
        return judged + self.accepted + self.excluded

    @property
    def total(self) -> int:
        waiting = self.ready + self.parked + self.in_review
        waiting += self.queued + self.drafting
        return waiting + self.done


COUNTS_KEPT_SECONDS = 30
"""Counting 50,000 pairs takes longer than all else that a submit does."""


def recent_counts(project: Project) -> QueueCounts:
    """`counts`, up to half a minute old: the desk asks at every pair."""
    found: QueueCounts | None = cache.get(f"counts:{project.pk}")
    if found is None:
        found = counts(project)
        cache.set(f"counts:{project.pk}", found, COUNTS_KEPT_SECONDS)
    return found


def seeming_batch(pair: Pair) -> Batch:
    """The batch that the desk counts: of a check, the one that it looks like."""
    if pair.project.checks_of_id is None:
        return pair.batch
    source = Check.objects.select_related("source__pair__batch").get(pair=pair).source
    return source.pair.batch


def recent_batch(batch: Batch) -> tuple[int, int]:
    """(done, total) pairs of a batch, up to half a minute old."""
    found: tuple[int, int] | None = cache.get(f"batch:{batch.pk}")
    if found is None:
        done = Count("pk", filter=Q(state__in=DONE))
        row = batch.pairs.aggregate(done=done, total=Count("pk"))
        found = (row["done"], row["total"])
        cache.set(f"batch:{batch.pk}", found, COUNTS_KEPT_SECONDS)
    return found


DONE = (
    PairState.DISPUTED,
    PairState.REVIEWED,
    PairState.IN_QUALITY,
    PairState.ACCEPTED,
    PairState.EXCLUDED,
)


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

    total: int
    """Pairs of the project, in any state."""
    queued: int
    drafting: int
    ready: int
    in_review: int
    waiting_quality: int
    soon: int
    """Pairs that come within the undo time."""
    soon_seconds: int
    to_review: int
    to_judge: int
    """What the asker can take now."""
    leased: Sequence[Held]
    own: int
    """Reviews that wait for quality control but are the asker's own."""
    ready_for_others: int
    """Pairs kept for the person who wrote or typed about them."""
    has_coach: bool
    parked: int
    skipped: int
    """Ready pairs that the asker has skipped."""


def why_empty(project: Project, person: User, stage: Stage) -> WhyEmpty:
    """Explain an empty queue to the person who asked for work."""
    leases = Lease.objects.of_project(project).running().select_related("holder")
    leases = leases.filter(stage=stage, expires_at__gt=timezone.now())
    pairs = Pair.objects.filter(project=project)
    own = pairs.in_state(PairState.REVIEWED).filter(reviews__author=person)
    reserved = (
        pairs.in_state(PairState.READY)
        .filter(reserved_until__gt=timezone.now())
        .exclude(reserved_for=person)
    )
    found = counts(project)
    to_review = offered.mine(project, person, Stage.REVIEW)
    to_judge = offered.mine(project, person, Stage.QUALITY)
    return WhyEmpty(
        total=found.total,
        soon=(to_judge if stage == Stage.QUALITY else to_review).soon,
        soon_seconds=to_review.soon_seconds,
        to_review=to_review.now,
        to_judge=to_judge.now,
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
        parked=found.parked,
        skipped=pairs.in_state(PairState.READY)
        .filter(skips__person=person)
        .distinct()
        .count(),
    )
