"""How a tally is counted from rows: the statements, one for each kind of tally.

They take days that follow each other as arrays (day, its begin, its end), so that days
begin where the time zone says; and the begin of the first and the end of the last, as
the planner can tell from those how few rows there are.
"""

from __future__ import annotations

import hashlib

from django.conf import settings

from annotator.domain.states import PairState
from annotator.domain.steps import WAYS, Step, Way
from annotator.models import PairTally, ReviewTally
from annotator.selectors.tallies import REASONS, TAGS

NOW = tuple(f"now_{state}" for state in PairState)
SUMS = (
    "reviews",
    "usable",
    "as_is",
    "edited",
    "rewritten",
    "kept_raw",
    "unchanged",
    "passed",
    "returned",
    "ms",
    "raw_final",
    "draft_final",
    "measured",
    "in_instruction",
    "in_input",
    "in_response",
    "touched_instruction",
    "touched_input",
    "touched_response",
)
ARRAYS = {
    "returned_for": REASONS,
    "tag_reviews": TAGS,
    "tag_ms": TAGS,
    "tag_changed": TAGS,
}
KEYS = ("author_id", "batch_id", "category", "coach_id")
_KEYS = ", ".join(KEYS)
COUNTED = ("returned_for", "tag_reviews")
"""Arrays of plain integers: the others are sums that may be larger."""

DAYS = """
days (day, start, stop) AS (
    SELECT * FROM unnest(%(days)s::date[], %(starts)s::timestamptz[],
                         %(stops)s::timestamptz[])
)"""


# To which step an event is a way; each is a way to one at most, and none if the deed
# was taken back.
def _leads(step: Step, way: Way) -> str:
    told = []
    if way.action:
        told.append(f"{{0}}.action = '{way.action}'")
    if way.old:
        told.append(f"{{0}}.old_state = '{way.old}'")
    told += [f"{{0}}.old_state <> '{state}'" for state in way.not_from]
    if way.new:
        told.append(f"{{0}}.new_state = '{way.new}'")
    return f"WHEN {' AND '.join(told)} THEN '{step}'"


_WAYS = "\n    ".join(_leads(step, way) for step, way in WAYS.items())
STEP_OF = f"""CASE
    WHEN {{0}}.undone_at IS NOT NULL THEN NULL
    {_WAYS}
END"""

_OF_FLOWS = ", ".join(
    f"coalesce(sum(n) FILTER (WHERE name = '{name}'), 0)::int AS {name}"
    for name in (*Step, *NOW)
)
OF_PAIRS = f"""
WITH {DAYS},
born AS (
    SELECT d.day, p.batch_id, p.category
    FROM days d JOIN annotator_pair p
      ON p.created_at >= d.start AND p.created_at < d.stop
      AND p.created_at >= %(first)s AND p.created_at < %(last)s
      AND p.project_id = %(project)s
),
moved AS (
    SELECT d.day, p.batch_id, p.category, e.id, e.pair_id, e.old_state, e.new_state,
           {STEP_OF.format("e")} AS step
    FROM days d JOIN annotator_auditevent e ON e.at >= d.start AND e.at < d.stop
      AND e.at >= %(first)s AND e.at < %(last)s
    JOIN annotator_pair p ON p.id = e.pair_id AND p.project_id = %(project)s
),
counted (day, batch_id, category, name) AS (
    SELECT day, batch_id, category, 'imported' FROM born
    UNION ALL
    SELECT day, batch_id, category, step FROM moved
    WHERE step IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM annotator_auditevent f
        WHERE f.pair_id = moved.pair_id AND f.id < moved.id
          AND {STEP_OF.format("f")} = moved.step)
    UNION ALL
    SELECT d.day, p.batch_id, p.category, 'reviewed'
    FROM days d JOIN annotator_review r
      ON r.submitted_at >= d.start AND r.submitted_at < d.stop
      AND r.submitted_at >= %(first)s AND r.submitted_at < %(last)s
    JOIN annotator_pair p ON p.id = r.pair_id AND p.project_id = %(project)s
    WHERE r.withdrawn_at IS NULL AND NOT r.is_imported AND NOT EXISTS (
        SELECT 1 FROM annotator_review f
        WHERE f.pair_id = r.pair_id AND f.id < r.id
          AND f.withdrawn_at IS NULL AND NOT f.is_imported)
),
flows (day, batch_id, category, name, n) AS (
    SELECT day, batch_id, category, name, count(*) FROM counted GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT day, batch_id, category, 'now_imported', count(*) FROM born GROUP BY 1, 2, 3
    UNION ALL
    SELECT day, batch_id, category, 'now_' || new_state, count(*)
    FROM moved GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT day, batch_id, category, 'now_' || old_state, -count(*)
    FROM moved GROUP BY 1, 2, 3, 4
)
SELECT %(project)s::bigint AS project_id, day, batch_id, category,
       {_OF_FLOWS}
FROM flows GROUP BY day, batch_id, category
"""


def _counts(condition: str) -> str:
    return f"(count(*) FILTER (WHERE {condition}))::int"


def _total(value: str, condition: str = "true") -> str:
    return f"coalesce(sum({value}) FILTER (WHERE {condition}), 0)::bigint"


def _each(values: tuple[str, ...], made: str) -> str:
    """An array with one sum a value; `{}` stands for the value."""
    return f"ARRAY[{', '.join(made.format(value) for value in values)}]"


_OF_FACTS = {
    "reviews": _counts("true"),
    "usable": _counts("usable"),
    "as_is": _counts("usable AND decision = 'accepted'"),
    "edited": _counts("usable AND decision = 'edited'"),
    "rewritten": _counts("usable AND decision = 'rewritten'"),
    "kept_raw": _counts("usable AND decision = 'kept_raw'"),
    "unchanged": _counts("decision = 'unchanged'"),
    "passed": _counts("accepted"),
    "returned": _counts("NOT accepted"),
    "ms": _total("ms"),
    "raw_final": _total("raw_final"),
    "draft_final": _total("draft_final", "usable"),
    "measured": _counts("in_response IS NOT NULL"),
    **{
        f"in_{field}": _total(f"in_{field}")
        for field in ("instruction", "input", "response")
    },
    **{
        f"touched_{field}": _counts(f"in_{field} > 0")
        for field in ("instruction", "input", "response")
    },
    "returned_for": _each(REASONS, _counts("NOT accepted AND reason = '{}'")),
    "tag_reviews": _each(TAGS, _counts("'{}' = ANY(tags)")),
    "tag_ms": _each(TAGS, _total("ms", "'{}' = ANY(tags)")),
    "tag_changed": _each(TAGS, _total("raw_final", "'{}' = ANY(tags)")),
    "seconds": "string_agg(int4send(ms), ''::bytea ORDER BY ms)",
}
MEASURES = tuple(_OF_FACTS)
_MADE = ", ".join(f"{made} AS {name}" for name, made in _OF_FACTS.items())

OF_REVIEWS = f"""
WITH {DAYS},
facts AS (
    SELECT d.day, r.author_id, p.batch_id, p.category, t.coach_id, r.decision,
           t.id IS NOT NULL AND t.problem = '' AS usable,
           least(round(r.active_seconds * 1000), 2147483647)::int AS ms,
           r.distance_raw_final AS raw_final, r.distance_draft_final AS draft_final,
           r.distance_instruction AS in_instruction, r.distance_input AS in_input,
           r.distance_response AS in_response, v.accepted, v.reason,
           (SELECT array_agg(g.criterion) FROM annotator_rubrictag g
            WHERE g.review_id = r.id) AS tags
    FROM days d JOIN annotator_review r
      ON r.submitted_at >= d.start AND r.submitted_at < d.stop
      AND r.submitted_at >= %(first)s AND r.submitted_at < %(last)s
    JOIN annotator_pair p ON p.id = r.pair_id AND p.project_id = %(project)s
    LEFT JOIN annotator_draft t ON t.id = r.draft_id
    LEFT JOIN annotator_verdict v ON v.review_id = r.id
    WHERE r.withdrawn_at IS NULL AND NOT r.is_imported
      AND r.passed_over_at IS NULL AND r.slot IS DISTINCT FROM 3
)
SELECT %(project)s::bigint AS project_id, false AS whole, 'day' AS grain, day,
       {_KEYS}, {_MADE}
FROM facts GROUP BY day, {_KEYS}
"""

_ADDED = ", ".join(f"sum({name})::bigint AS {name}" for name in SUMS)


def _added_up(name: str, size: int) -> str:
    kind = "int" if name in COUNTED else "bigint"
    sums = (f"sum({name}[{place}])::{kind}" for place in range(1, size + 1))
    return f"ARRAY[{', '.join(sums)}] AS {name}"


_ADDED_ARRAYS = ", ".join(_added_up(name, len(of)) for name, of in ARRAYS.items())

OF_MONTHS = f"""
SELECT project_id, false AS whole, 'month' AS grain, month AS day,
       {_KEYS},
       {_ADDED},
       {_ADDED_ARRAYS},
       string_agg(seconds, ''::bytea ORDER BY day) AS seconds
FROM unnest(%(months)s::date[]) month JOIN annotator_reviewtally
  ON day >= month AND day < month + interval '1 month'
WHERE project_id = %(project)s AND NOT whole AND grain = 'day'
GROUP BY project_id, month, {_KEYS}
"""

OF_WHOLES = f"""
SELECT project_id, true AS whole, grain, day, author_id, NULL::bigint AS batch_id,
       '' AS category, coach_id,
       {_ADDED},
       {_ADDED_ARRAYS},
       string_agg(seconds, ''::bytea ORDER BY batch_id, category) AS seconds
FROM annotator_reviewtally
WHERE project_id = %(project)s AND NOT whole
  AND (grain = 'day' AND day = ANY(%(days)s::date[])
       OR grain = 'month' AND day = ANY(%(months)s::date[]))
GROUP BY project_id, grain, day, author_id, coach_id
"""

PAIR_COLUMNS = ("project_id", "day", "batch_id", "category", *Step, *NOW)
REVIEW_COLUMNS = ("project_id", "whole", "grain", "day", *KEYS, *MEASURES)


def insert(model: type[PairTally] | type[ReviewTally], select: str) -> str:
    """The statement that stores what a count finds."""
    columns = PAIR_COLUMNS if model is PairTally else REVIEW_COLUMNS
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) {select}"


def shape() -> str:
    """Digest of what is counted and how, the time zone of its days included."""
    parts = (OF_PAIRS, OF_REVIEWS, OF_MONTHS, OF_WHOLES, settings.TIME_ZONE)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
