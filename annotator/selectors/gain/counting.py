"""What the efficiency number is counted from, and what the coach itself costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from annotator.domain.gain.cells import GainCell
from annotator.domain.states import Arm, PairState
from annotator.models import Draft, Pair, Project, Stratum, User
from training import selectors
from training.models import CoachVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFilter:
    """Which work counts; what is None or empty does not narrow.

    Days are those on which a person first opened a pair, in the server's time zone:
    so a pair counts with all its time and all that came of it, or not at all.
    """

    since: date | None = None
    until: date | None = None
    person: str = ""
    """User name."""
    batch: int | None = None
    category: str | None = None
    """Empty is the pairs without one."""
    coach: int | None = None
    """A coach version: its pairs, and the control pairs of the same weeks."""


SETTLED = (PairState.ACCEPTED, PairState.EXCLUDED)

_CELLS = """
WITH pairs AS (
    SELECT lease.holder_id, pair.length_band, pair.category, pair.arm,
        CASE pair.arm WHEN 'coached' THEN pair.draft_coach END AS coach,
        date_trunc('week', min(lease.opened_at) AT TIME ZONE %(zone)s)::date AS week,
        sum(lease.active_seconds) AS seconds,
        coalesce(bool_or(verdict.accepted), false) AS accepted,
        sum(lease.active_seconds + coalesce(verdict.active_seconds, 0)) AS everything
    FROM annotator_pair pair
    JOIN annotator_lease lease ON lease.pair_id = pair.id AND lease.stage = 'review'
    LEFT JOIN annotator_review review
        ON review.lease_id = lease.id AND review.withdrawn_at IS NULL
    LEFT JOIN annotator_verdict verdict ON verdict.review_id = review.id
    WHERE pair.project_id = %(project)s AND pair.state IN ('accepted', 'excluded')
        AND lease.active_seconds IS NOT NULL {pairs}
    GROUP BY pair.id, lease.holder_id {work}
)
SELECT holder_id, length_band, category, arm, coach, week, count(*),
    count(*) FILTER (WHERE accepted),
    sum(seconds), sum(seconds * seconds),
    coalesce(sum(seconds) FILTER (WHERE accepted), 0),
    sum(everything), sum(everything * everything),
    coalesce(sum(everything) FILTER (WHERE accepted), 0)
FROM pairs
GROUP BY holder_id, length_band, category, arm, coach, week
ORDER BY holder_id, week, length_band, category, arm, coach
"""
_OF_PAIRS = {
    "batch": "AND pair.batch_id = %(batch)s",
    "category": "AND pair.category = %(category)s",
    "coach": "AND (pair.arm = 'control' OR pair.draft_coach = %(coach)s)",
    "person": "AND lease.holder_id = (SELECT id FROM annotator_user"
    " WHERE username = %(person)s)",
}
_OF_WORK = {
    "since": "(min(lease.opened_at) AT TIME ZONE %(zone)s)::date >= %(since)s",
    "until": "(min(lease.opened_at) AT TIME ZONE %(zone)s)::date <= %(until)s",
}


def cells(project: Project, wanted: CellFilter | None = None) -> list[GainCell]:
    """Sums over the project's settled pairs, added up by the database in one query.

    A pair is settled once it is accepted or excluded; what waits for a review or for
    quality control is left out, its time as well. A person's time on a pair is that of
    all their holds on it, whatever became of each.
    """
    asked = _asked(wanted or CellFilter())
    days = [sql for name, sql in _OF_WORK.items() if name in asked]
    query = _CELLS.format(
        pairs=" ".join(sql for name, sql in _OF_PAIRS.items() if name in asked),
        work=f"HAVING {' AND '.join(days)}" if days else "",
    )
    zone = timezone.get_default_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(query, {"project": project.pk, "zone": zone, **asked})
        return [_cell(row) for row in cursor.fetchall()]


def _asked(wanted: CellFilter) -> dict[str, Any]:
    values = {name: getattr(wanted, name) for name in (*_OF_PAIRS, *_OF_WORK)}
    return {
        name: value
        for name, value in values.items()
        if value is not None and (value != "" or name == "category")
    }


def _cell(row: Sequence[Any]) -> GainCell:
    person, band, category, arm, coach, week, pairs, accepted, *sums = row
    seconds, squares, product, all_seconds, all_squares, all_product = sums
    return GainCell(
        person=person,
        band=band,
        category=category,
        arm=Arm(arm),
        coach=coach,
        week=week,
        pairs=pairs,
        accepted=accepted,
        seconds=seconds,
        squares=squares,
        product=product,
        all_seconds=all_seconds,
        all_squares=all_squares,
        all_product=all_product,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pairs of one arm that somebody has opened and that are not settled yet."""

    reviewed: int = 0
    """They wait for quality control."""
    open: int = 0
    """In review, sent back, skipped or given back."""


def waiting(project: Project) -> dict[Arm, Waiting]:
    """By arm: what the efficiency number does not count yet."""
    in_quality = Q(state__in=[PairState.REVIEWED, PairState.IN_QUALITY])
    found = (
        Pair.objects.filter(project=project, opened=True)
        .exclude(state__in=SETTLED)
        .values("arm")
        .annotate(
            reviewed=Count("pk", filter=in_quality),
            open=Count("pk", filter=~in_quality),
        )
        .order_by("arm")
    )
    by_arm = {row["arm"]: Waiting(row["reviewed"], row["open"]) for row in found}
    return {arm: by_arm.get(arm.value, Waiting()) for arm in Arm}


@dataclass(frozen=True, slots=True)
class Costs:
    """Machine time of a project's coaches so far."""

    drafts: int = 0
    """Written, those that were made anew or asked for included."""
    drafted_pairs: int = 0
    draft_seconds: float = 0.0
    """Each draft's share of its batch's time."""
    runs: int = 0
    """Training runs that have ended, failed ones included."""
    training_seconds: float = 0.0
    """From start to end, evaluation included."""

    @property
    def seconds_a_draft(self) -> float | None:
        return self.draft_seconds / self.drafts if self.drafts else None

    @property
    def seconds_a_pair(self) -> float | None:
        """Of drafting, for each pair that was drafted at all."""
        pairs = self.drafted_pairs
        return self.draft_seconds / pairs if pairs else None


def costs(project: Project) -> Costs:
    """What the coach itself took, of the whole project, whatever is filtered."""
    drafted = Draft.objects.filter(pair__project=project).aggregate(
        drafts=Count("pk", filter=Q(held_back=None)),
        pairs=Count("pair", distinct=True),
        seconds=Sum("seconds", default=0.0),
    )
    trained = (
        selectors.runs(project.scope)
        .filter(started_at__isnull=False, ended_at__isnull=False)
        .order_by()
        .aggregate(runs=Count("pk"), time=Sum(F("ended_at") - F("started_at")))
    )
    return Costs(
        drafts=drafted["drafts"],
        drafted_pairs=drafted["pairs"],
        draft_seconds=drafted["seconds"],
        runs=trained["runs"],
        training_seconds=trained["time"].total_seconds() if trained["time"] else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Names:
    """Whose numbers stand in the cells."""

    people: dict[int, str] = field(default_factory=dict)
    coaches: dict[int, str] = field(default_factory=dict)


def names(found: Sequence[GainCell]) -> Names:
    """User names and coach names of the cells."""
    people = {cell.person for cell in found}
    coaches = {cell.coach for cell in found if cell.coach is not None}
    return Names(
        dict(User.objects.filter(pk__in=people).values_list("pk", "username")),
        dict(CoachVersion.objects.filter(pk__in=coaches).values_list("pk", "name")),
    )


def categories(project: Project) -> list[str]:
    """Of the pairs that have been dealt, in the order of the alphabet."""
    dealt = Stratum.objects.filter(batch__project=project).exclude(category="")
    names_of = dealt.values_list("category", flat=True).distinct()
    return list(names_of.order_by("category"))
