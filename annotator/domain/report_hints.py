"""What to look at in a week's figures: rules in numbers, one sentence each.

A rule is a sign, not a verdict: it says which figure to read, with the number that set
it off and the bound it is held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MIN_JUDGED = 10
"""Verdicts below which nothing is said about the share that is sent back."""
RETURNED = 0.2
"""Of what was judged."""
MIN_DRAFTS = 20
"""Reviews with a usable draft below which nothing is said about acceptance."""
AS_DRAFTED = 0.9
KEPT_RAW = 0.3
REWRITTEN = 0.3
UNUSABLE = 0.1
"""Of the drafts written."""
LESS_WORK = 0.5
"""Of the week before."""
MIN_BEFORE = 20
"""Reviews in the week before, below which less work says nothing."""


class Hint(StrEnum):
    """What may be set off."""

    RETURNED = "returned"
    AS_DRAFTED = "as_drafted"
    KEPT_RAW = "kept_raw"
    REWRITTEN = "rewritten"
    UNUSABLE = "unusable"
    LESS_WORK = "less_work"
    NO_WORK = "no_work"
    DRIFT = "drift"
    RUNS_FAILED = "runs_failed"
    ROWS_REJECTED = "rows_rejected"
    QUEUE_SHORT = "queue_short"
    QUALITY_BEHIND = "quality_behind"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One rule that was set off: `value` lies beyond `bound`, in the sign's unit."""

    sign: str
    value: float
    bound: float
    of: int = 0
    """How many it is a share of; 0 where it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How things stand at this moment; pairs."""

    ready: int
    coming: int
    """Waiting for a draft, or being drafted."""
    waiting_quality: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HintFigures:
    """What the rules read of one week."""

    reviewed: int
    reviewed_before: int
    work_days: int
    """Days on which anybody sent a review in."""
    judged: int
    judge_days: int
    returned: int
    with_draft: int
    as_drafted: int
    rewritten: int
    kept_raw: int
    drafts: int
    unusable: int
    rejected_rows: int
    failed_runs: int
    alarms: int
    """Drift alarms that nobody has acknowledged."""
    now: Now | None
    """None for a week that is over: its queue is gone."""


def look(week: HintFigures) -> list[Seen]:
    """All rules that the week sets off, what concerns people's work first."""
    return [*_quality(week), *_drafts(week), *_work(week), *_machines(week)]


def _quality(week: HintFigures) -> Iterator[Seen]:
    if week.judged >= MIN_JUDGED:
        yield from _over(Hint.RETURNED, week.returned, week.judged, RETURNED)
    waiting = week.now.waiting_quality if week.now else 0
    a_day = week.judged / week.judge_days if week.judge_days else 0.0
    if waiting > 2 * a_day and waiting >= MIN_JUDGED:
        yield Seen(sign=Hint.QUALITY_BEHIND, value=waiting, bound=2 * a_day)


def _drafts(week: HintFigures) -> Iterator[Seen]:
    if week.with_draft >= MIN_DRAFTS:
        whole = week.with_draft
        yield from _over(Hint.AS_DRAFTED, week.as_drafted, whole, AS_DRAFTED)
        yield from _over(Hint.KEPT_RAW, week.kept_raw, whole, KEPT_RAW)
        yield from _over(Hint.REWRITTEN, week.rewritten, whole, REWRITTEN)
    if week.drafts >= MIN_DRAFTS:
        yield from _over(Hint.UNUSABLE, week.unusable, week.drafts, UNUSABLE)


def _work(week: HintFigures) -> Iterator[Seen]:
    now, before = week.now, week.reviewed_before
    if now and not week.reviewed and now.ready:
        yield Seen(sign=Hint.NO_WORK, value=now.ready, bound=0)
    elif now is None and before >= MIN_BEFORE and week.reviewed < LESS_WORK * before:
        yield Seen(
            sign=Hint.LESS_WORK,
            value=week.reviewed / before,
            bound=LESS_WORK,
            of=before,
        )
    if now and week.work_days:
        a_day = week.reviewed / week.work_days
        if now.ready + now.coming < a_day:
            yield Seen(sign=Hint.QUEUE_SHORT, value=now.ready + now.coming, bound=a_day)
    if now and now.parked:
        yield Seen(sign=Hint.PARKED, value=now.parked, bound=0)


def _machines(week: HintFigures) -> Iterator[Seen]:
    counts = {
        Hint.DRIFT: week.alarms,
        Hint.RUNS_FAILED: week.failed_runs,
        Hint.ROWS_REJECTED: week.rejected_rows,
    }
    for sign, count in counts.items():
        if count:
            yield Seen(sign=sign, value=count, bound=0)


def _over(sign: Hint, part: int, whole: int, bound: float) -> Iterator[Seen]:
    if part > bound * whole:
        yield Seen(sign=sign, value=part / whole, bound=bound, of=whole)
