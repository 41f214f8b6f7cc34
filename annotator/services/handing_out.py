"""Accepted pairs as they go out: at once, line by line, and written down as gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from annotator import policies
from annotator.domain.roles import Deed
from annotator.formats.exports.orders import ExportOrder, Wanted
from annotator.formats.json_values import dumps
from annotator.models import Pair, Project, User
from annotator.selectors import exported
from annotator.services import export_contents

FORMAT = 2
"""Of the manifest of what is streamed."""
AT_ONCE = ExportOrder()
"""Alpaca with all that stands beside it."""


def accepted_rows(*, project: Project, actor: User) -> Iterator[dict[str, Any]]:
    """Accepted pairs in Alpaca keys with their provenance, in import order.

    What the file had more of a pair goes out beside them, as it was (`with_columns`).
    """
    policies.require(actor, project, Deed.EXPORT)
    return (row for chunk in _chunks(project) for row in chunk)


def jsonl(*, project: Project, actor: User) -> Iterator[bytes]:
    """The same, one JSON object a line; memory stays constant.

    A pair's history says when it first left the house: once its line was written.
    """
    policies.require(actor, project, Deed.EXPORT)
    for chunk in _chunks(project):
        for row in chunk:
            yield dumps(row).encode() + b"\n"
        mark([row["provenance"]["pair"] for row in chunk], actor)


def _chunks(project: Project) -> Iterator[list[dict[str, Any]]]:
    contents = export_contents.of(project, AT_ONCE)
    for ids in exported.chunks(contents.ids):
        yield contents.rows(contents.read(ids))


def manifest(*, project: Project, actor: User) -> dict[str, Any]:
    """What a stream of this moment holds: counts by state, coaches, time."""
    policies.require(actor, project, Deed.EXPORT)
    counts = Pair.objects.filter(project=project).by_state()
    found = exported.accepted(project, Wanted())
    coaches = found.exclude(draft=None).values_list("draft__coach__name")
    return {
        "format": FORMAT,
        "project": project.slug,
        "made_at": timezone.now().isoformat(),
        "pairs_exported": found.count(),
        "pairs_by_state": {state.value: n for state, n in counts.items()},
        "pairs_by_coach": dict(coaches.annotate(Count("pk"))),
    }


_MARK = """
INSERT INTO annotator_auditevent
    (pair_id, actor_id, action, old_state, new_state, note, at)
SELECT p.id, %(actor)s, 'exported', p.state, p.state, '', clock_timestamp()
FROM annotator_pair p
WHERE p.id = ANY(%(pairs)s) AND p.state = 'accepted' AND NOT EXISTS (
    SELECT FROM annotator_auditevent e
    WHERE e.pair_id = p.id AND e.action = 'exported')
"""


def mark(pairs: list[int], actor: User | None) -> None:
    """Write down that these pairs went out, of those that had not yet."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"pairs": pairs, "actor": actor.pk if actor else None})
