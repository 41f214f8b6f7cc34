"""The texts of a pair beside each other: raw, draft and final.

They are found in the entries of the history that are left for the person: what is
hidden there, for blind judging or blind second texts, is hidden here by the same hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from annotator.domain.diffs import Hunk, word_diff
from annotator.domain.states import PairState
from annotator.models import Draft, Pair, Review, Verdict
from annotator.models.texts import FIELD_LABELS
from annotator.selectors.history import HistoryEntry
from revision_engine.types import PairText
from training.examples import FIELDS


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field from one text to another; unchanged it is a single equal hunk."""

    label: str
    hunks: Sequence[Hunk]

    @property
    def is_changed(self) -> bool:
        return any(hunk.kind != "equal" for hunk in self.hunks)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One position of the switch. `key` names it in the page."""

    key: str
    label: str
    fields: Sequence[ComparedField]
    is_chosen: bool = False


def comparisons(pair: Pair, entries: Sequence[HistoryEntry]) -> list[Comparison]:
    """The raw pair, and each two texts that there are; the way from raw to the newest
    is chosen."""
    drafts = numbered(entries)
    review = _newest(entries)
    draft = _shown_draft(pair, review, drafts)
    is_done = pair.state == PairState.ACCEPTED
    newest = gettext("final") if is_done else gettext("newest text")
    raw, final = pair.text, _final(review, entries) if review else None
    name = gettext("draft")
    if draft and len(drafts) > 1:
        name = gettext("draft %d") % drafts[draft.pk]
    found = [("raw", gettext("Raw"), raw, raw)]
    if draft:
        found.append(("raw-draft", _arrow(gettext("raw"), name), raw, draft.text))
    if draft and final:
        found.append(("draft-final", _arrow(name, newest), draft.text, final))
    if final:
        found.append(("raw-final", _arrow(gettext("raw"), newest), raw, final))
    return [
        Comparison(key, label, list(_fields(before, after)), place == len(found) - 1)
        for place, (key, label, before, after) in enumerate(found)
    ]


def numbered(entries: Sequence[HistoryEntry]) -> dict[int, int]:
    """The number of each draft that could be used, by its key, in order of time."""
    drafts = [
        entry.row.pk
        for entry in entries
        if isinstance(entry.row, Draft) and not entry.row.problem
    ]
    return {pk: number for number, pk in enumerate(drafts, start=1)}


def _newest(entries: Sequence[HistoryEntry]) -> Review | None:
    rows = [entry.row for entry in entries if isinstance(entry.row, Review)]
    return next((row for row in reversed(rows) if not row.withdrawn_at), None)


def _shown_draft(
    pair: Pair, review: Review | None, drafts: dict[int, int]
) -> Draft | None:
    """What the newest review began with; without a review the pair's present draft."""
    draft: Draft | None = review.draft if review else pair.draft
    return draft if draft and draft.pk in drafts else None


def _final(review: Review, entries: Sequence[HistoryEntry]) -> PairText:
    """Quality control's text where it mended the review, else the author's."""
    verdicts = [entry.row for entry in entries if isinstance(entry.row, Verdict)]
    own = (verdict for verdict in verdicts if verdict.review_id == review.pk)
    fixes = [fix for verdict in own if (fix := getattr(verdict, "fix", None))]
    text: PairText = (fixes[-1] if fixes else review).text
    return text


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}".capitalize()


def _fields(before: PairText, after: PairText) -> Iterator[ComparedField]:
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old or new:
            yield ComparedField(str(FIELD_LABELS[name]), word_diff(old, new))
