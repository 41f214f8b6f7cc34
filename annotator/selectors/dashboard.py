"""Everything the dashboard shows, each figure with its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotator.domain.forecast import WINDOW, Forecast, forecast
from annotator.domain.periods import DAY, Period
from annotator.domain.states import PairState, Stage
from annotator.domain.steps import Step
from annotator.models import Lease, Project, StaleHour, TallyState, Tick, User
from annotator.selectors import tallies
from annotator.selectors.tallies import Filters, PairDay, ReviewDay, Sums
from training.examples import FIELDS
from training.models import CoachVersion

FRESH = timedelta(seconds=60)
"""Since the last heartbeat, for somebody to be working now: one comes every 15 s."""
SHORT, LONG = 5, 1800
"""Active seconds a review beyond which it is called an outlier."""
CLOSED = (PairState.ACCEPTED, PairState.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Times:
    """Active seconds a review; None where there are no reviews."""

    median: float | None
    mean: float | None
    p90: float | None
    """Nine reviews in ten took no longer."""
    mean_inside: float | None
    """Without the outliers."""
    short: int
    """Reviews under SHORT seconds."""
    long: int
    """Reviews over LONG seconds."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What people changed in one field, or in pairs with one flaw."""

    key: str
    reviews: int
    """Reviews that changed the field, or marked the flaw."""
    of: int
    """Reviews that this is out of."""
    mean_chars: float | None
    """Of a field: between what was shown and the final text, a review of all. Of a
    flaw: from raw to final, a review that marked it."""
    mean_seconds: float | None = None
    """Active, a review that marked the flaw."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What some reviews say."""

    reviews: int
    usable: int
    """Reviews with a usable draft; the next four are of these."""
    as_is: int
    edited: int
    rewritten: int
    kept_raw: int
    without_draft: int
    """Reviews without a draft, or with one that could not be used."""
    unchanged: int
    passed: int
    returned: int
    waiting: int
    """Not judged yet."""
    hours: float
    """Active."""
    mean_draft_final: float | None
    """Characters, of reviews with a usable draft."""
    mean_raw_final: float | None
    """Characters, of all."""
    times: Times

    @property
    def returned_share(self) -> float | None:
        """Of the judged."""
        return share(self.returned, self.passed + self.returned)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One coach, or one person, with its figures."""

    key: str
    """The coach's number in the database (empty: no draft), or the user name."""
    label: str
    """Empty where there was no draft."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Working:
    """Somebody who has a pair open and has just moved."""

    person: str
    stage: Stage
    pair: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All figures of the page, of one moment."""

    as_of: datetime
    """What was committed before this moment is counted."""
    behind: bool
    """Whether something newer waits to be counted."""
    steps: dict[str, int] | None
    """Pairs that came to each step for the first time in the period; None where the
    filters ask for what only reviews have."""
    states: dict[PairState, int] | None
    """Pairs in each state now."""
    total: Figures
    coaches: Sequence[BoardRow]
    people: Sequence[BoardRow]
    fields: Sequence[Effort]
    flaws: Sequence[Effort]
    reasons: dict[str, int]
    """Returned reviews by reason."""
    review_days: Sequence[ReviewDay]
    pair_days: Sequence[PairDay]
    """Of the period; none where the filters ask for reviews only."""
    forecast: Forecast | None
    """None where the filters ask for what only reviews have."""
    working: Sequence[Working]

    @property
    def is_bare(self) -> bool:
        """Whether the project has no pair at all."""
        return self.states is not None and not any(self.states.values())


@tallies.without_jit()
def dashboard(project: Project, filters: Filters) -> Dashboard:
    """Read from the tallies; see services.tallying for how they are kept."""
    found = tallies.groups(project, filters)
    total = tallies.added(found)
    days = [] if filters.of_reviews else tallies.pair_days(project, filters)
    inside = [day for day in days if day.day in filters.period]
    as_of, behind = freshness(project)
    known = not filters.of_reviews
    return Dashboard(
        as_of=as_of,
        behind=behind,
        steps=_steps(inside) if known else None,
        states=_states(days) if known else None,
        total=_figures(total),
        coaches=_by_coach(found),
        people=_by_person(found),
        fields=_fields(total),
        flaws=_flaws(total),
        reasons=dict(zip(tallies.REASONS, total.arrays["returned_for"], strict=True)),
        review_days=tallies.review_days(project, filters),
        pair_days=inside,
        forecast=_forecast(days) if known else None,
        working=working_now(project),
    )


def freshness(project: Project) -> tuple[datetime, bool]:
    """Up to when everything is counted, and whether something waits."""
    behind = StaleHour.objects.filter(project=project).exists()
    state = TallyState.objects.filter(project=project).first()
    now = timezone.now()
    return (state.folded_at if state and behind else now), behind


def _steps(days: Sequence[PairDay]) -> dict[str, int]:
    return {step: sum(day.steps[step] for day in days) for step in Step}


def _states(days: Sequence[PairDay]) -> dict[PairState, int]:
    return {state: sum(day.now[state] for day in days) for state in PairState}


def _figures(sums: Sums) -> Figures:
    return Figures(
        reviews=sums["reviews"],
        usable=sums["usable"],
        as_is=sums["as_is"],
        edited=sums["edited"],
        rewritten=sums["rewritten"],
        kept_raw=sums["kept_raw"],
        without_draft=sums["reviews"] - sums["usable"],
        unchanged=sums["unchanged"],
        passed=sums["passed"],
        returned=sums["returned"],
        waiting=sums["reviews"] - sums["passed"] - sums["returned"],
        hours=sums["ms"] / 3_600_000,
        mean_draft_final=share(sums["draft_final"], sums["usable"]),
        mean_raw_final=share(sums["raw_final"], sums["reviews"]),
        times=_times(sums),
    )


def share(part: float, whole: float) -> float | None:
    """None where there is nothing to divide by."""
    return part / whole if whole else None


def _times(sums: Sums) -> Times:
    ms, size = sums.ms, len(sums.ms)
    if not size:
        return Times(None, None, None, None, 0, 0)
    low, high, ninth = (size - 1) // 2, size // 2, math.ceil(0.9 * size) - 1
    ranked = np.partition(ms, sorted({low, high, ninth}))
    long, short = ms[ms > 1000 * LONG], ms[ms < 1000 * SHORT]
    left_out = int(long.sum(dtype=np.int64)) + int(short.sum(dtype=np.int64))
    inside = size - len(long) - len(short)
    return Times(
        median=(int(ranked[low]) + int(ranked[high])) / 2000,
        mean=sums["ms"] / 1000 / size,
        p90=int(ranked[ninth]) / 1000,
        mean_inside=share((sums["ms"] - left_out) / 1000, inside),
        short=len(short),
        long=len(long),
    )


def _by_coach(found: Sequence[tallies.TallyGroup]) -> list[BoardRow]:
    """Newest first, the reviews without a draft last."""
    ids = {group.coach for group in found if group.coach}
    names = dict(CoachVersion.objects.filter(pk__in=ids).values_list("pk", "name"))
    keys = [*sorted(ids, reverse=True), None]
    rows = [(key, [group for group in found if group.coach == key]) for key in keys]
    return [
        BoardRow(
            str(key or ""), names.get(key or 0, ""), _figures(tallies.added(members))
        )
        for key, members in rows
        if members
    ]


def _by_person(found: Sequence[tallies.TallyGroup]) -> list[BoardRow]:
    ids = {group.author for group in found if group.author}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "username"))
    rows = []
    for key, name in sorted(names.items(), key=lambda each: each[1]):
        members = [group for group in found if group.author == key]
        rows.append(BoardRow(name, name, _figures(tallies.added(members))))
    return rows


def _fields(sums: Sums) -> list[Effort]:
    measured = sums["measured"]
    return [
        Effort(
            key=name,
            reviews=sums[f"touched_{name}"],
            of=measured,
            mean_chars=share(sums[f"in_{name}"], measured),
        )
        for name in FIELDS
    ]


def _flaws(sums: Sums) -> list[Effort]:
    columns = (sums.arrays[name] for name in ("tag_reviews", "tag_ms", "tag_changed"))
    return [
        Effort(
            key=tag,
            reviews=reviews,
            of=sums["reviews"],
            mean_chars=share(changed, reviews),
            mean_seconds=share(ms / 1000, reviews),
        )
        for tag, reviews, ms, changed in zip(tallies.TAGS, *columns, strict=True)
    ]


def _forecast(days: Sequence[PairDay]) -> Forecast:
    """From the pairs accepted after a review; those that came so are no pace."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    accepted = {day.day: day.steps[Step.ACCEPTED] for day in days}
    worked = [day for day, count in accepted.items() if count]
    first = max(today - WINDOW * DAY, min(worked, default=today))
    window = [accepted.get(day, 0) for day in Period(first, today - DAY).days()]
    states = _states(days)
    left = sum(count for state, count in states.items() if state not in CLOSED)
    return forecast(window, left, today)


def working_now(project: Project) -> list[Working]:
    """People with a running lease and a fresh heartbeat, by name: read live."""
    since = timezone.now() - FRESH
    ticks = Tick.objects.filter(lease=OuterRef("pk"), at__gte=since)
    running = Lease.objects.filter(pair__project=project, ended_at=None).filter(
        Exists(ticks) | Q(opened_at__gte=since)
    )
    return [
        Working(lease.holder.get_username(), Stage(lease.stage), lease.pair_id, at)
        for lease in running.select_related("holder").order_by("holder__username")
        for at in [lease.opened_at]
    ]


def by_week(days: Sequence[ReviewDay]) -> dict[date, ReviewDay]:
    """Reviews of each week, by its Monday."""
    weeks: dict[date, list[ReviewDay]] = {}
    for day in days:
        weeks.setdefault(day.day - day.day.weekday() * DAY, []).append(day)
    names = [name for name in ReviewDay.__dataclass_fields__ if name != "day"]
    return {
        week: ReviewDay(
            week, **{name: sum(getattr(d, name) for d in members) for name in names}
        )
        for week, members in weeks.items()
    }
