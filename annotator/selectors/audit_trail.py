"""All that is known of some pairs: texts, drafts, reviews, verdicts, words, steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from annotator.formats.exports.columns import CellKind
from annotator.formats.revised_rows import alpaca
from annotator.models import (
    AuditEvent,
    Candidate,
    Comment,
    Draft,
    Fix,
    HunkDecision,
    OfferedRevision,
    Overlap,
    Pair,
    Review,
    RubricScore,
    RubricTag,
    Verdict,
    VerdictTag,
)
from revision_engine.types import PairText

Values = dict[str, Any]
Grouped = Mapping[Any, list[Values]]
TEXTS = ("instruction", "input", "response")
COLUMNS = {
    "pair": CellKind.WHOLE,
    "batch": CellKind.TEXT,
    "row": CellKind.WHOLE,
    "fingerprint": CellKind.TEXT,
    "id": CellKind.JSON,
    "category": CellKind.JSON,
    "state": CellKind.TEXT,
    "state_since": CellKind.TEXT,
    "arm": CellKind.TEXT,
    "exclusion": CellKind.JSON,
    "context": CellKind.JSON,
    "raw": CellKind.JSON,
    "final": CellKind.JSON,
    "drafts": CellKind.JSON,
    "candidates": CellKind.JSON,
    "reviews": CellKind.JSON,
    "overlaps": CellKind.JSON,
    "offers": CellKind.JSON,
    "comments": CellKind.JSON,
    "events": CellKind.JSON,
    "extra": CellKind.JSON,
}
"""Of a history; `id` and `category` as the file had them."""


def rows(found: QuerySet[Pair], ids: Sequence[int]) -> list[Values]:
    """The histories of some pairs, in the order of the import."""
    ordered = found.filter(pk__in=list(ids)).order_by("batch_id", "row", "pk")
    pairs = list(ordered.select_related("batch"))
    parts = _Parts([pair.pk for pair in pairs])
    return [_row(pair, parts) for pair in pairs]


def _row(pair: Pair, parts: _Parts) -> Values:
    reviews = parts.reviews[pair.pk]
    return {
        "pair": pair.pk,
        "batch": pair.batch.name,
        "row": pair.row,
        "fingerprint": pair.fingerprint,
        "id": pair.extra.get("id", pair.external_id or None),
        "category": pair.extra.get("category", pair.category or None),
        "state": pair.state,
        "state_since": pair.state_since.isoformat(),
        "arm": pair.arm or None,
        "exclusion": _exclusion(pair),
        "context": pair.context,
        "raw": alpaca(pair.text),
        "final": _final(reviews),
        "drafts": parts.drafts[pair.pk],
        "candidates": parts.candidates[pair.pk],
        "reviews": reviews,
        "overlaps": parts.overlaps[pair.pk],
        "offers": parts.offers[pair.pk],
        "comments": parts.comments[pair.pk],
        "events": parts.events[pair.pk],
        "extra": pair.extra,
    }


def _exclusion(pair: Pair) -> Values | None:
    if not pair.exclusion_reason:
        return None
    return {"reason": pair.exclusion_reason, "note": pair.exclusion_note}


def _final(reviews: Iterable[Values]) -> Values | None:
    """The text that counts: quality control's, where it mended one it accepted."""
    for review in reviews:
        verdict = review["verdict"]
        if verdict and verdict["accepted"]:
            text: Values = (verdict["fix"] or review)["text"]
            return text
    return None


class _Parts:
    """What stands beside some pairs, by the pair's key; one query a table."""

    def __init__(self, pairs: Sequence[int]) -> None:
        self.drafts = _by_pair(
            Draft.objects.filter(pair__in=pairs),
            *("pk", "coach__name", "adapter_sha256", "prompt", *TEXTS, "problem"),
            *("hint", "new_tokens", "seconds", "mean_logprob", "edit_chars"),
            *("challenge_id", "created_at"),
        )
        self.candidates = _by_pair(
            Candidate.objects.filter(lease__pair__in=pairs),
            *("number", "hint", "coach__name", "state", "text_so_far", "draft_id"),
            *("asked_at", "ended_at", "chosen_at"),
            by="lease__pair_id",
        )
        self.comments = _by_pair(
            Comment.objects.filter(pair__in=pairs),
            *("pk", "author__username", "body", "created_at", "parent_id"),
            *("field", "quote", "resolved_at", "resolved_by__username"),
        )
        self.offers = _by_pair(
            OfferedRevision.objects.filter(pair__in=pairs),
            *(*TEXTS, "batch__name", "row", "at", "outcome"),
            *("decided_by__username", "decided_at"),
        )
        self.overlaps = _by_pair(
            Overlap.objects.filter(pair__in=pairs),
            *("first_id", "second_id", "similarity", "is_one_text", "at"),
            *("ruling__choice", "ruling__reason", "ruling__note", "ruling__is_own"),
            *("ruling__ruled_by__username", "ruling__at"),
        )
        self.events = _by_pair(
            AuditEvent.objects.filter(pair__in=pairs),
            *("action", "actor__username", "old_state", "new_state", "note", "at"),
            "undone_at",
        )
        self.reviews = _reviews(pairs)


def _reviews(pairs: Sequence[int]) -> Grouped:
    found = Review.objects.filter(pair__in=pairs)
    grouped = _by_pair(
        found,
        *("pk", "author__username", "draft_id", "arm", "is_imported", *TEXTS),
        *("decision", "distance_raw_final", "distance_draft_final"),
        *("distance_raw_draft", "distance_instruction", "distance_input"),
        *("distance_response", "opened_at", "submitted_at", "active_seconds"),
        *("wall_seconds", "regenerate_seconds", "guideline_id", "withdrawn_at"),
        *("quality_rate", "quality_draw", "audit_of_id", "slot", "passed_over_at"),
        "words_shown",
    )
    keys = [review["id"] for each in grouped.values() for review in each]
    tags = _by_pair(_of(RubricTag, keys), "criterion", by="review_id")
    scores = _by_pair(
        _of(RubricScore, keys), *("side", "moment", "score"), by="review_id"
    )
    hunks = _by_pair(
        _of(HunkDecision, keys).order_by("field", "number"),
        *("field", "number", "outcome", "before", "after", "final"),
        by="review_id",
    )
    verdicts = _verdicts(keys)
    for each in grouped.values():
        for review in each:
            key = review["id"]
            review["flaws"] = [tag["criterion"] for tag in tags[key]]
            review["scores"] = scores[key]
            review["hunks"] = hunks[key]
            review["verdict"] = next(iter(verdicts[key]), None)
    return grouped


def _of(model: Any, reviews: Sequence[int]) -> Any:
    return model.objects.filter(review__in=reviews)


def _verdicts(reviews: Sequence[int]) -> Grouped:
    found = Verdict.objects.filter(review__in=reviews)
    grouped = _by_pair(
        found,
        *("pk", "judge__username", "kind", "bulk_id", "accepted", "note"),
        *("created_at", "active_seconds"),
        by="review_id",
    )
    keys = [verdict["id"] for each in grouped.values() for verdict in each]
    reasons = _by_pair(
        VerdictTag.objects.filter(verdict__in=keys), "reason", by="verdict_id"
    )
    fixes = _by_pair(
        Fix.objects.filter(verdict__in=keys),
        *(*TEXTS, "distance", "distance_raw"),
        by="verdict_id",
    )
    for each in grouped.values():
        for verdict in each:
            key = verdict.pop("id")
            verdict["reasons"] = [tag["reason"] for tag in reasons[key]]
            verdict["fix"] = next(iter(fixes[key]), None)
    return grouped


NAMES = {
    "coach__name": "coach",
    "batch__name": "batch",
    "author__username": "author",
    "actor__username": "actor",
    "judge__username": "judge",
    "decided_by__username": "decided_by",
    "ruling__ruled_by__username": "ruled_by",
    "pk": "id",
}
"""What a column of another table is called in the file."""


def _by_pair(found: QuerySet[Any], *names: str, by: str = "pair_id") -> Grouped:
    """Values by the key in `by`, the oldest first; a whole text under `text`."""
    grouped: Grouped = defaultdict(list)
    ordered = found if found.query.order_by else found.order_by("pk")
    for key, *values in ordered.values_list(F(by), *names):
        row = {
            NAMES.get(name, name.replace("__", "_")): _plain(value)
            for name, value in zip(names, values, strict=True)
        }
        grouped[key].append(_with_text(row) if "response" in row else row)
    return grouped


def _with_text(row: Values) -> Values:
    instruction, input_, response = (row.pop(name) for name in TEXTS)
    text = PairText(instruction=instruction, input=input_, response=response)
    return row | {"text": alpaca(text)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
