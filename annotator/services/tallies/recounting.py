"""Prove the figures: count everything anew and name what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from annotator.domain.actions import Action
from annotator.domain.states import PairState
from annotator.domain.steps import Step
from annotator.models import PairTally, Project, ReviewTally
from annotator.services.tallies import folding, sql

MOST = 20
"""Differences of one kind that are named; more are only counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not what the event log and the rows say."""

    kind: str
    """States, log, reviews, pair tallies, review tallies, months or wholes."""
    sentence: str
    count: int = 1
    """More than 1: so many of this kind that they are not named one by one."""


def recount(project: Project) -> list[Difference]:
    """All differences, in one view of the database: work goes on meanwhile.

    Marks are folded first: what is not counted yet is no difference.
    """
    with _alone(project):
        folding.fold(project)
        with _one_view():
            days = folding.all_days(project)
            months = sorted({day.replace(day=1) for day in days})
            given = folding.spans(days) | {"project": project.pk, "months": months}
            return [
                *_rows("states", STATES, given, _of_state),
                *_rows("log", BROKEN, given, _of_log),
                *_rows("reviews", REVIEWED, given, _of_reviews),
                *_rows("reviews", ACCEPTED, given, _of_verdicts),
                *_pair_tallies(given),
                *_review_tallies("review tallies", DAYS, sql.OF_REVIEWS, given),
                *_review_tallies("months", MONTHS, sql.OF_MONTHS, given),
                *_review_tallies("wholes", WHOLES, sql.OF_WHOLES, given),
            ]


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    """Hold the folding lock from before the view is taken until after it is used."""
    with connection.cursor() as cursor:
        key = [folding.LOCK, project.pk]
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


@contextmanager
def _one_view() -> Iterator[None]:
    """All that is read inside is of one moment."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _rows(
    kind: str, statement: str, given: dict[str, Any], say: Callable[..., str]
) -> list[Difference]:
    """What a statement finds, in words."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = cursor.fetchmany(MOST + 1)
        rest = 0
        while more := cursor.fetchmany(10_000):
            rest += len(more)
    named = [Difference(kind, say(*row)) for row in found[:MOST]]
    if over := len(found) - len(named) + rest:
        named.append(Difference(kind, f"and {over} more", over))
    return named


STATES = """
SELECT p.id, p.state, coalesce(e.new_state, 'imported') AS logged
FROM annotator_pair p LEFT JOIN (
    SELECT DISTINCT ON (a.pair_id) a.pair_id, a.new_state
    FROM annotator_auditevent a JOIN annotator_pair q ON q.id = a.pair_id
    WHERE q.project_id = %(project)s ORDER BY a.pair_id, a.id DESC
) e ON e.pair_id = p.id
WHERE p.project_id = %(project)s AND p.state <> coalesce(e.new_state, 'imported')
ORDER BY p.id
"""


def _of_state(pair: int, state: str, logged: str) -> str:
    return f"pair {pair} is {state}; its last event left it {logged}"


BROKEN = """
SELECT pair_id, id, old_state, before FROM (
    SELECT e.pair_id, e.id, e.old_state, coalesce(
        lag(e.new_state) OVER (PARTITION BY e.pair_id ORDER BY e.id), 'imported'
    ) AS before
    FROM annotator_auditevent e JOIN annotator_pair p ON p.id = e.pair_id
    WHERE p.project_id = %(project)s
) chain WHERE old_state <> before ORDER BY id
"""


def _of_log(pair: int, event: int, old: str, before: str) -> str:
    return f"event {event} of pair {pair} starts from {old}, not from {before}"


REVIEWED = f"""
SELECT p.id, coalesce(r.n, 0), coalesce(e.n, 0)
FROM annotator_pair p
LEFT JOIN (
    SELECT pair_id, count(*) AS n FROM annotator_review
    WHERE withdrawn_at IS NULL AND NOT is_imported GROUP BY 1
) r ON r.pair_id = p.id
LEFT JOIN (
    SELECT pair_id, sum(CASE WHEN old_state = 'in_review' THEN 1 ELSE -1 END) AS n
    FROM annotator_auditevent
    WHERE (old_state = 'in_review' AND (
            new_state IN ('reviewed', 'disputed') OR action = '{Action.FIRST_OF_TWO}'))
       OR (new_state = 'in_review' AND (
            old_state IN ('reviewed', 'disputed') OR action = '{Action.SUBMIT_UNDONE}'))
    GROUP BY 1
) e ON e.pair_id = p.id
WHERE p.project_id = %(project)s AND (coalesce(r.n, 0) > 0) <> (coalesce(e.n, 0) > 0)
ORDER BY p.id
"""


def _of_reviews(pair: int, reviews: int, logged: int) -> str:
    return f"pair {pair} has {reviews} standing reviews; the log knows {logged} submits"


ACCEPTED = f"""
SELECT p.id, p.state, coalesce(v.n, 0)
FROM annotator_pair p LEFT JOIN (
    SELECT r.pair_id, count(*) AS n FROM annotator_verdict v
    JOIN annotator_review r ON r.id = v.review_id
    WHERE v.accepted AND r.withdrawn_at IS NULL GROUP BY 1
) v ON v.pair_id = p.id
WHERE p.project_id = %(project)s
  AND (p.state = '{PairState.ACCEPTED}') <> (coalesce(v.n, 0) > 0)
ORDER BY p.id
"""


def _of_verdicts(pair: int, state: str, accepting: int) -> str:
    return f"pair {pair} is {state}; verdicts that accept it: {accepting}"


def _pair_tallies(given: dict[str, Any]) -> list[Difference]:
    names = (*Step, *sql.NOW)
    where = "t.project_id = %(project)s"
    keys = ("day", "batch_id", "category")
    statement = _compared(PairTally, sql.OF_PAIRS, keys, names, where)
    return _rows("pair tallies", statement, given, _sayer(keys, names))


DAYS = "NOT t.whole AND t.grain = 'day'"
MONTHS = "NOT t.whole AND t.grain = 'month'"
WHOLES = "t.whole"


def _review_tallies(
    kind: str, which: str, counted: str, given: dict[str, Any]
) -> list[Difference]:
    keys = ("grain", "day", *sql.KEYS)
    where = f"t.project_id = %(project)s AND {which}"
    statement = _compared(ReviewTally, counted, keys, sql.MEASURES, where)
    return _rows(kind, statement, given, _sayer(keys, sql.MEASURES))


def _compared(
    model: type[PairTally] | type[ReviewTally],
    counted: str,
    keys: Sequence[str],
    names: Sequence[str],
    where: str,
) -> str:
    """Rows that only one of tally and count has, or that have another figure."""
    # Not IS NOT DISTINCT FROM: no hash join knows that. No id is 0.
    same_key = " AND ".join(
        f"coalesce(t.{key}, 0) = coalesce(c.{key}, 0)"
        if key in ("author_id", "batch_id", "coach_id")
        else f"t.{key} = c.{key}"
        for key in keys
    )
    both = ", ".join(f"t.{name}, c.{name}" for name in names)
    told = ", ".join(f"coalesce(t.{key}, c.{key})" for key in keys)
    other = " OR ".join(f"t.{name} IS DISTINCT FROM c.{name}" for name in names)
    return f"""
WITH t AS MATERIALIZED (SELECT * FROM {model._meta.db_table} t WHERE {where}),
     c AS MATERIALIZED ({counted})
SELECT {told}, {both} FROM t LEFT JOIN c ON {same_key} WHERE {other}
UNION ALL
SELECT {told}, {both} FROM c LEFT JOIN t ON {same_key} WHERE t.project_id IS NULL
"""


def _sayer(keys: Sequence[str], names: Sequence[str]) -> Callable[..., str]:
    def say(*row: Any) -> str:
        cells = zip(keys, row, strict=False)
        where = ", ".join(f"{key.removesuffix('_id')} {cell}" for key, cell in cells)
        figures = row[len(keys) :]
        pairs = zip(names, figures[::2], figures[1::2], strict=True)
        wrong = [
            f"{name} {_printed(tallied)}, counted {_printed(counted)}"
            for name, tallied, counted in pairs
            if tallied != counted
        ]
        return f"{where}: {'; '.join(wrong)}"

    return say


def _printed(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"of {len(bytes(value)) // 4} reviews"
    return "missing" if value is None else str(value)
