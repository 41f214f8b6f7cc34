"""What quality control must not see, taken out of what a page would show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from annotator.domain.actions import Action
from annotator.domain.diffs import field_diffs
from annotator.models import Pair, Review
from annotator.policies import Blind
from annotator.selectors.history import HistoryEntry

OF_THE_DRAFT = {
    Action.DRAFTING,
    Action.DRAFTED,
    Action.SPARED,
    Action.NEVER_CAME,
    Action.WITHOUT_DRAFT,
}
"""Steps that tell whether there was a draft."""


def over(
    entries: Sequence[HistoryEntry], pair: Pair, blind: Blind
) -> list[HistoryEntry]:
    """The history of a pair as its judge may read it."""
    found = list(entries)
    if blind.arm:
        kept = [e for e in found if e.kind != "draft" and e.what not in OF_THE_DRAFT]
        found = [_without_draft(entry, pair) for entry in kept]
    if blind.author:
        names = {entry.who for entry in found if entry.kind == "review"}
        found = [_unnamed(entry, names) for entry in found]
    return found


def _without_draft(entry: HistoryEntry, pair: Pair) -> HistoryEntry:
    """A review beside the raw pair, and nothing of what became of a draft."""
    if not isinstance(entry.row, Review):
        return entry
    diffs = field_diffs(pair.text, entry.row.text)
    return replace(entry, what="", compared_with="raw", diffs=diffs)


def _unnamed(entry: HistoryEntry, names: set[str]) -> HistoryEntry:
    return replace(entry, who=_("the author")) if entry.who in names else entry
