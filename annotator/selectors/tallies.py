"""Reading the tallies: what is asked for, summed up in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from annotator.domain.periods import Cover, Period, cover
from annotator.domain.rubric import BY_KEY
from annotator.domain.states import PairState
from annotator.models import PairTally, Project, ReviewTally, Verdict

TAGS = tuple(BY_KEY)
REASONS = tuple(str(reason) for reason in Verdict.Reason.values)
WITHOUT_DRAFT = 0
"""Asked for as a coach: the control arm's reviews."""

_ARRAYS = {
    "returned_for": len(REASONS),
    "tag_reviews": len(TAGS),
    "tag_ms": len(TAGS),
    "tag_changed": len(TAGS),
}
_SUMS = tuple(
    column.name
    for column in ReviewTally._meta.concrete_fields
    if column.get_internal_type() in ("IntegerField", "BigIntegerField")
)
_DAILY = (
    "reviews",
    "usable",
    "as_is",
    "edited",
    "rewritten",
    "kept_raw",
    "passed",
    "returned",
    "ms",
)
_OF_PAIRS = tuple(
    column.name
    for column in PairTally._meta.concrete_fields
    if column.get_internal_type() == "IntegerField"
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the figures are to be of; empty and None ask for nothing."""

    period: Period = field(default_factory=Period)
    """Days of the step (pairs) or of the submit (reviews)."""
    unit: int | None = None
    """Whose people; only where members have units."""
    person: str = ""
    """User name of the reviews' author."""
    batch: int | None = None
    category: str | None = None
    """Empty: pairs of which the file says none."""
    coach: int | None = None
    """Whose draft was shown; WITHOUT_DRAFT for the control arm."""

    @property
    def of_reviews(self) -> bool:
        """Whether something is asked that only a review has."""
        return bool(self.person or self.unit or self.coach is not None)


@dataclass(frozen=True, slots=True)
class Sums:
    """Added up tallies of reviews; see models.ReviewTally for each name."""

    of: dict[str, int]
    arrays: dict[str, Sequence[int]]
    ms: np.ndarray
    """Active milliseconds of each review, in no order."""

    def __getitem__(self, name: str) -> int:
        return self.of[name]


@dataclass(frozen=True, slots=True)
class TallyGroup:
    """The reviews of one person with one coach."""

    coach: int | None
    author: int | None
    figures: Sequence[int]
    ms: np.ndarray


@dataclass(frozen=True, slots=True)
class ReviewDay:
    """Reviews submitted on one day."""

    day: date
    reviews: int
    usable: int
    as_is: int
    edited: int
    rewritten: int
    kept_raw: int
    passed: int
    returned: int
    ms: int


@dataclass(frozen=True, slots=True)
class PairDay:
    """Pairs that came to each step on one day, and the moves of that day."""

    day: date
    steps: dict[str, int]
    now: dict[PairState, int]
    """Came in less went out, by state."""


def groups(project: Project, filters: Filters) -> list[TallyGroup]:
    """Everything the reviews say, in one query: whole months, and single days."""
    sums = [f"sum({name})::bigint" for name in _SUMS]
    for name, size in _ARRAYS.items():
        sums += [f"sum({name}[{place}])::bigint" for place in range(1, size + 1)]
    where, given = _of_reviews(project, filters)
    covered, limits = _covered(cover(filters.period))
    rows = _read(
        f"SELECT coach_id, author_id, {', '.join(sums)}, "
        f"string_agg(seconds, ''::bytea) FROM annotator_reviewtally "
        f"WHERE {where} AND ({covered}) GROUP BY 1, 2",
        [*given, *limits],
    )
    return [TallyGroup(row[0], row[1], row[2:-1], _unpacked(row[-1])) for row in rows]


def _unpacked(seconds: bytes | memoryview) -> np.ndarray:
    """Whole numbers in this machine's own order: four times as fast to sort by."""
    return np.frombuffer(seconds, dtype=">i4").astype(np.int32)


def added(found: Sequence[TallyGroup]) -> Sums:
    """Groups as one."""
    width = len(_SUMS) + sum(_ARRAYS.values())
    table = np.array([group.figures for group in found], dtype=np.int64)
    total = table.reshape(-1, width).sum(0).tolist()
    arrays, place = {}, len(_SUMS)
    for name, size in _ARRAYS.items():
        arrays[name] = total[place : place + size]
        place += size
    of = dict(zip(_SUMS, total, strict=False))
    ms = [group.ms for group in found]
    return Sums(of, arrays, np.concatenate(ms) if ms else np.zeros(0, np.int32))


def review_days(project: Project, filters: Filters) -> list[ReviewDay]:
    """Days with reviews, in order."""
    where, given = _of_reviews(project, filters)
    inside, limits = _inside(filters.period)
    sums = ", ".join(f"sum({name})::bigint" for name in _DAILY)
    rows = _read(
        f"SELECT day, {sums} FROM annotator_reviewtally "
        f"WHERE {where} AND grain = 'day' AND {inside} GROUP BY day ORDER BY day",
        [*given, *limits],
    )
    return [ReviewDay(*row) for row in rows]


def pair_days(project: Project, filters: Filters) -> list[PairDay]:
    """Days with moves, in order, since the beginning: the period is not asked."""
    where, given = _of_pairs(project, filters)
    sums = ", ".join(f"sum({name})::bigint" for name in _OF_PAIRS)
    rows = _read(
        f"SELECT day, {sums} FROM annotator_pairtally "
        f"WHERE {where} GROUP BY day ORDER BY day",
        given,
    )
    return [
        _pair_day(day, dict(zip(_OF_PAIRS, row, strict=True))) for day, *row in rows
    ]


def _pair_day(day: date, found: dict[str, int]) -> PairDay:
    now = {state: found.pop(f"now_{state}") for state in PairState}
    return PairDay(day, found, now)


def units(project: Project) -> list[tuple[int, str]]:
    """Number and name of the project's units."""
    return list(project.units.values_list("pk", "name"))


def categories(project: Project) -> list[str]:
    """The kinds of task there are, by name."""
    found = PairTally.objects.filter(project=project).order_by("category")
    return list(found.values_list("category", flat=True).distinct())


def _of_pairs(project: Project, filters: Filters) -> tuple[str, list[Any]]:
    parts: list[str] = ["project_id = %s"]
    given: list[Any] = [project.pk]
    if filters.batch is not None:
        parts.append("batch_id = %s")
        given.append(filters.batch)
    if filters.category is not None:
        parts.append("category = %s")
        given.append(filters.category)
    return " AND ".join(parts), given


def _of_reviews(project: Project, filters: Filters) -> tuple[str, list[Any]]:
    where, given = _of_pairs(project, filters)
    whole = filters.batch is None and filters.category is None
    where += " AND whole" if whole else " AND NOT whole"
    if filters.person:
        where += " AND author_id = (SELECT id FROM annotator_user WHERE username = %s)"
        given.append(filters.person)
    if filters.unit is not None:
        where += (
            " AND author_id IN (SELECT user_id FROM annotator_membership "
            "WHERE project_id = %s AND unit_id = %s)"
        )
        given += [project.pk, filters.unit]
    if filters.coach == WITHOUT_DRAFT:
        where += " AND coach_id IS NULL"
    elif filters.coach is not None:
        where += " AND coach_id = %s"
        given.append(filters.coach)
    return where, given


def _covered(found: Cover) -> tuple[str, list[Any]]:
    """The condition that takes a period as months and single days."""
    parts, given = [], []
    if found.months:
        inside, limits = _inside(found.months)
        parts.append(f"grain = 'month' AND {inside}")
        given += limits
    for edge in found.days:
        inside, limits = _inside(edge)
        parts.append(f"grain = 'day' AND {inside}")
        given += limits
    return " OR ".join(f"({part})" for part in parts), given


def _inside(period: Period) -> tuple[str, list[Any]]:
    start = period.start or date.min
    end = period.end or date.max - timedelta(days=1)
    return "day BETWEEN %s AND %s", [start, end]


def _read(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@contextmanager
def without_jit() -> Iterator[None]:
    """A transaction in which PostgreSQL compiles nothing: sixty sums take it longer
    to compile than to add up."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
        yield
