"""What was done with accepted pairs, beside the text that came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from annotator.domain.preferring import PairDeeds, ShownDraft
from annotator.models import Candidate, Draft, Review
from revision_engine.types import PairText


def deeds(reviews: Sequence[int]) -> Iterator[PairDeeds]:
    """Of the pairs of some accepted reviews, in their order."""
    found = Review.objects.select_related("pair", "draft", "verdict__fix")
    rows = found.in_bulk(list(reviews))
    pairs = [row.pair_id for row in rows.values()]
    returned, shown = _returned(pairs), _shown(pairs)
    for key in reviews:
        row = rows[key]
        before = [text for pk, text in returned[row.pair_id] if pk < row.pk]
        mended = [row.text] if row.fix else []
        own = _usable(row.draft)
        others = shown[row.pair_id, row.author_id or 0] if own else []
        yield PairDeeds(
            source_id=f"review:{row.pk}",
            raw=row.pair.text,
            final=row.outcome,
            draft=own,
            others=[
                ShownDraft(draft.text, draft.hint)
                for draft in others
                if draft.pk != row.draft_id and draft.created_at <= row.submitted_at
            ],
            returned=[*before, *mended],
        )


def _usable(draft: Draft | None) -> ShownDraft | None:
    """None for a raw pair that stood in for a draft: no coach wrote it."""
    if draft is None or draft.problem or draft.held_back_id:
        return None
    return ShownDraft(draft.text, draft.hint)


def _returned(pairs: Iterable[int]) -> Mapping[int, list[tuple[int, PairText]]]:
    """Texts of each pair that quality control sent back, with their reviews' keys."""
    found: dict[int, list[tuple[int, PairText]]] = defaultdict(list)
    sent_back = Review.objects.handed_in().filter(
        pair__in=list(pairs), verdict__accepted=False
    )
    for review in sent_back.order_by("pk"):
        found[review.pair_id].append((review.pk, review.text))
    return found


def _shown(pairs: Iterable[int]) -> Mapping[tuple[int, int], list[Draft]]:
    """Usable drafts that each person saw beside others: their candidates, and what they
    held before they asked for any. Who asked for none is not in it."""
    found: dict[tuple[int, int], list[Draft]] = defaultdict(list)
    asked = Candidate.objects.filter(
        lease__pair__in=list(pairs), draft__problem=""
    ).select_related("draft", "lease__pair__draft")
    for candidate in asked.order_by("lease__pair_id", "asked_at", "pk"):
        lease, draft = candidate.lease, candidate.draft
        drafts = found[lease.pair_id, lease.holder_id]
        first = lease.pair.draft
        was_there = first and first.created_at <= candidate.asked_at
        if first and was_there and _usable(first) and first not in drafts:
            drafts.append(first)
        if draft and draft not in drafts:
            drafts.append(draft)
    return found
