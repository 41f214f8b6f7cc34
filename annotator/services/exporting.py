"""Hand the accepted pairs out, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from annotator import policies
from annotator.domain.actions import Action
from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.formats.json_values import dumps
from annotator.formats.revised_rows import alpaca
from annotator.formats.side_columns import with_columns
from annotator.models import AuditEvent, Pair, Project, Review, User
from annotator.services.workflow import write_down

FORMAT = 2
CHUNK = 1000


def accepted_rows(*, project: Project, actor: User) -> Iterator[dict[str, Any]]:
    """Accepted pairs in Alpaca keys with their provenance, in import order.

    What the file had more of a pair goes out beside them, as it was (`with_columns`).
    """
    policies.require(actor, project, Deed.EXPORT)
    return map(_row, _reviews(project).iterator(chunk_size=1000))


def jsonl(*, project: Project, actor: User) -> Iterator[bytes]:
    """The same, one JSON object a line; memory stays constant.

    A pair's history says when it first left the house: once its line was written.
    """
    rows = accepted_rows(project=project, actor=actor)
    while chunk := list(islice(rows, CHUNK)):
        for row in chunk:
            yield dumps(row).encode() + b"\n"
        _write_down([row["provenance"]["pair"] for row in chunk], actor)


def _write_down(ids: list[int], actor: User) -> None:
    before = AuditEvent.objects.filter(pair=OuterRef("pk"), action=Action.EXPORTED)
    fresh = Pair.objects.filter(~Exists(before), pk__in=ids).only("state")
    write_down(list(fresh), action=Action.EXPORTED, actor=actor)


def manifest(*, project: Project, actor: User) -> dict[str, Any]:
    """What an export of this moment holds: counts by state, coaches, time."""
    policies.require(actor, project, Deed.EXPORT)
    counts = Pair.objects.filter(project=project).by_state()
    coaches = _reviews(project).exclude(draft=None).values_list("draft__coach__name")
    return {
        "format": FORMAT,
        "project": project.slug,
        "made_at": timezone.now().isoformat(),
        "pairs_exported": counts[PairState.ACCEPTED],
        "pairs_by_state": {state.value: n for state, n in counts.items()},
        "pairs_by_coach": dict(coaches.annotate(Count("pk"))),
    }


@dataclass(frozen=True, slots=True)
class Contents:
    """How many pairs an export of this moment holds, by where they were revised."""

    revised_here: int
    imported: int

    @property
    def total(self) -> int:
        return self.revised_here + self.imported


def contents(*, project: Project, actor: User) -> Contents:
    """Count what `accepted_rows` would give."""
    policies.require(actor, project, Deed.EXPORT)
    return Contents(
        revised_here=_reviews(project).filter(is_imported=False).count(),
        imported=_reviews(project).filter(is_imported=True).count(),
    )


def _reviews(project: Project) -> QuerySet[Review]:
    return (
        Review.objects.filter(
            pair__project=project,
            pair__state=PairState.ACCEPTED,
            verdict__accepted=True,
        )
        .select_related("pair__batch", "draft__coach", "author")
        .select_related("verdict__fix", "verdict__judge")
        .order_by("pair_id")
    )


def _row(review: Review) -> dict[str, Any]:
    pair, draft, fix, text = review.pair, review.draft, review.fix, review.outcome
    judge = review.verdict.judge
    row = {
        **alpaca(text),
        "id": pair.external_id or None,
        "category": pair.category or None,
        "provenance": {
            "pair": pair.pk,
            "batch": pair.batch.name,
            "row": pair.row,
            "fingerprint": pair.fingerprint,
            "arm": review.arm,
            "decision": review.decision,
            "imported_revision": review.is_imported,
            "distance_raw_final": review.outcome_distance,
            "distance_draft_final": review.distance_draft_final,
            "coach": draft.coach.name if draft else None,
            "adapter_sha256": draft.adapter_sha256 if draft else None,
            "prompt": draft.prompt if draft else None,
            "reviewed_by": review.author.get_username() if review.author else None,
            "opened_at": review.opened_at.isoformat() if review.opened_at else None,
            "submitted_at": review.submitted_at.isoformat(),
            "quality": review.verdict.kind,
            "judged_by": judge.get_username() if judge else None,
            "distance_review_fix": fix.distance if fix else 0,
            "accepted_at": review.verdict.created_at.isoformat(),
            "active_seconds": round(review.active_seconds, 1),
        },
    }
    return with_columns(row, pair.extra)
