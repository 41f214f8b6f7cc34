"""What happened to one pair: every step, text and word about it, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q

from annotator.domain.actions import Action
from annotator.domain.diffs import FieldDiff, field_diffs, word_diff
from annotator.formats.rules import besides
from annotator.formats.rules.outcomes import PARTS
from annotator.models import (
    OfferedRevision,
    Pair,
    PairTag,
    Review,
    RuleChange,
    User,
)
from annotator.models.texts import TEXT_LABELS
from revision_engine.types import PairText


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One moment in the life of a pair. `kind` says which words belong to `what`."""

    at: datetime
    kind: str
    """step, draft, review, verdict, comment, typed, offered, rule."""
    who: str = ""
    what: str = ""
    note: str = ""
    compared_with: str = ""
    """raw, draft, review or before; empty where no text is shown."""
    diffs: Sequence[FieldDiff] = ()
    row: object = field(default=None, compare=False)
    """The row it was read from."""


def timeline(pair: Pair) -> list[HistoryEntry]:
    """All entries, oldest first; the number of queries does not grow with them."""
    found = [
        *_steps(pair),
        *_skips(pair),
        *_drafts(pair),
        *_reviews(pair),
        *_verdicts(pair),
        *_comments(pair),
        *_typed(pair),
        *_offered(pair),
        *_altered(pair),
    ]
    return sorted(found, key=lambda entry: entry.at)


def _name(user: User | None) -> str:
    return user.get_username() if user else ""


def _steps(pair: Pair) -> Iterator[HistoryEntry]:
    """All but the skips that stand: their own rows know the reason."""
    standing_skips = {"action": Action.SKIPPED, "undone_at": None}
    for event in pair.events.exclude(**standing_skips).select_related("actor"):
        yield HistoryEntry(
            at=event.at,
            kind="step",
            who=_name(event.actor),
            what=event.action,
            note=event.note,
            row=event,
        )


def _skips(pair: Pair) -> Iterator[HistoryEntry]:
    for skip in pair.skips.select_related("person"):
        words = (skip.get_reason_display(), skip.note)
        yield HistoryEntry(
            at=skip.at,
            kind="step",
            who=_name(skip.person),
            what=Action.SKIPPED,
            note="\n".join(filter(None, words)),
            row=skip,
        )


def _drafts(pair: Pair) -> Iterator[HistoryEntry]:
    for draft in pair.drafts.select_related("coach"):
        yield HistoryEntry(
            at=draft.created_at,
            kind="draft",
            who=draft.coach.name,
            what=draft.problem,
            note=draft.hint,
            compared_with="raw",
            diffs=field_diffs(pair.text, draft.text),
            row=draft,
        )


def _reviews(pair: Pair) -> Iterator[HistoryEntry]:
    reviews = pair.reviews.select_related("author", "draft__coach", "guideline")
    for review in reviews.prefetch_related("tags", "scores"):
        yield HistoryEntry(
            at=review.submitted_at,
            kind="review",
            who=_name(review.author),
            what=review.decision,
            compared_with="draft" if review.draft else "raw",
            diffs=field_diffs(_shown(pair, review), review.text),
            row=review,
        )


def _shown(pair: Pair, review: Review) -> PairText:
    return review.draft.text if review.draft else pair.text


def _verdicts(pair: Pair) -> Iterator[HistoryEntry]:
    """Each with what the reviewer made of the author's text, if anything."""
    reviews = pair.reviews.select_related("verdict__judge", "verdict__fix")
    for review in reviews.prefetch_related("verdict__tags"):
        if verdict := getattr(review, "verdict", None):
            fix = getattr(verdict, "fix", None)
            yield HistoryEntry(
                at=verdict.created_at,
                kind="verdict",
                who=_name(verdict.judge),
                what=verdict.reason,
                note=verdict.note,
                compared_with="review" if fix else "",
                diffs=field_diffs(review.text, fix.text) if fix else (),
                row=verdict,
            )


def _comments(pair: Pair) -> Iterator[HistoryEntry]:
    for comment in pair.comments.select_related("author"):
        yield HistoryEntry(
            at=comment.created_at,
            kind="comment",
            who=_name(comment.author),
            note=comment.body,
            row=comment,
        )


def _typed(pair: Pair) -> Iterator[HistoryEntry]:
    """Texts that were typed and are no review: unsent ones, and replaced ones."""
    unsent = pair.autosaves.filter(used_at=None).select_related("author")
    moments = [(saved, saved.saved_at, "") for saved in unsent]
    kept = pair.kept_texts.select_related("author")
    moments += [(text, text.at, text.why) for text in kept]  # type: ignore[misc]
    for row, at, why in moments:
        yield HistoryEntry(
            at=at,
            kind="typed",
            who=_name(row.author),
            note=why,
            compared_with="raw",
            diffs=field_diffs(pair.text, row.text),
            row=row,
        )


def _offered(pair: Pair) -> Iterator[HistoryEntry]:
    """Revisions that came with an import and did not become the pair's review.

    Not while they wait: nobody has decided yet whether people are to see them.
    """
    offers = pair.offers.filter(outcome=OfferedRevision.Outcome.KEPT)
    for offered in offers.select_related("decided_by", "batch"):
        yield HistoryEntry(
            at=offered.decided_at or offered.at,
            kind="offered",
            who=_name(offered.decided_by),
            note=f"{offered.batch.name}, {offered.row}",
            compared_with="raw",
            diffs=field_diffs(pair.text, offered.text),
            row=offered,
        )


def _altered(pair: Pair) -> Iterator[HistoryEntry]:
    """What rules made of the raw text, field by field."""
    for change in RuleChange.objects.filter(pair=pair):
        yield HistoryEntry(
            at=change.at,
            kind="rule",
            what=change.rule,
            compared_with="before",
            diffs=[FieldDiff(change.field, word_diff(*_before_and_after(change)))],
            row=change,
        )


def _before_and_after(change: RuleChange) -> tuple[str, str]:
    if change.field not in PARTS:
        return change.old, change.new
    old, new = (json.loads(each) for each in (change.old, change.new))
    return besides.spoken(old), besides.spoken(new)


def tags(pair: Pair) -> list[str]:
    """The words that rules gave the pair."""
    found = PairTag.objects.filter(pair=pair).order_by("name")
    return list(dict.fromkeys(found.values_list("name", flat=True)))


@dataclass(frozen=True, slots=True)
class Altered:
    """What rules have altered of a raw pair as it stands."""

    is_any: bool
    text_at: datetime | None
    """When they last altered what people and coaches are shown; None: never."""


def altered(pair: Pair) -> Altered:
    """Whether rules have altered the raw pair as it stands, and when."""
    standing = RuleChange.objects.filter(pair=pair, put_back_at=None)
    of_text = Q(field__in=TEXT_LABELS)
    found = standing.aggregate(count=Count("pk"), at=Max("at", filter=of_text))
    return Altered(found["count"] > 0, found["at"])
