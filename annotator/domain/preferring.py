"""What people's deeds with one pair say: which of two texts they would rather have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from annotator.domain import hunks
from annotator.domain.hunks import Outcome
from revision_engine.types import PairText
from training.examples import FIELDS
from training.preferences import Preference, PreferenceKind

MOST_HUNKS = 4
"""Rejected changes of one draft that are learned from, the largest first, and as many
taken ones: a draft with thirty would outweigh thirty people's other deeds."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A final text with one change of the draft decided the other way."""

    text: str
    kept: str
    """What stands there in the final text."""
    other: str


def rejections(raw: str, draft: str, final: str) -> Iterator[Reversal]:
    """The final text with one change in it that it rejects, for each of them.

    The changes are laid anew over the text that counts: one that quality control took
    after all is no longer rejected.
    """
    return _reversals(raw, draft, final, Outcome.REJECTED)


def acceptances(raw: str, draft: str, final: str) -> Iterator[Reversal]:
    """The final text without one change that it takes, for each of them."""
    return _reversals(raw, draft, final, Outcome.ACCEPTED)


def _reversals(
    raw: str, draft: str, final: str, outcome: Outcome
) -> Iterator[Reversal]:
    pieces = hunks.place(raw, draft, final)
    finals = [piece.final for piece in pieces]
    for place, piece in enumerate(pieces):
        other = piece.after if outcome == Outcome.REJECTED else piece.before
        if piece.outcome != outcome or other == piece.final:
            continue
        text = "".join([*finals[:place], other, *finals[place + 1 :]])
        if text != final and text.strip():
            yield Reversal(text, piece.final, other)


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A usable draft that a person saw, and the hint that it was asked for with."""

    text: PairText
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDeeds:
    """All that was done with an accepted pair."""

    source_id: str
    raw: PairText
    final: PairText
    """The text that counts."""
    draft: ShownDraft | None = None
    """The one that the person went on from."""
    others: Sequence[ShownDraft] = ()
    """Those that they left for it."""
    returned: Sequence[PairText] = ()
    """What quality control sent back, or mended."""


def preferences(deeds: PairDeeds) -> Iterator[Preference]:
    """What the deeds say, each kind on its own; the same two texts only once."""
    seen = set()
    for one in _all(deeds):
        told = (one.chosen, one.rejected, one.hint)
        if one.chosen != one.rejected and told not in seen:
            seen.add(told)
            yield one


def _all(deeds: PairDeeds) -> Iterator[Preference]:
    final, draft = deeds.final, deeds.draft
    for text in deeds.returned:
        yield _preference(deeds, PreferenceKind.RETURN, final, text)
    if draft is None:
        return
    if final == deeds.raw:
        kept = _preference(deeds, PreferenceKind.KEPT_RAW, final, draft.text)
        yield replace(kept, hint=draft.hint)
    else:
        for other in deeds.others:
            kind = PreferenceKind.CANDIDATE
            chosen = _preference(deeds, kind, draft.text, other.text)
            yield replace(chosen, hint=draft.hint)
        over = _preference(deeds, PreferenceKind.FINAL, final, draft.text)
        yield replace(over, hint=draft.hint)
    for kind, texts in (
        (PreferenceKind.HUNK, _largest(deeds, draft.text, rejections)),
        (PreferenceKind.TAKEN, _largest(deeds, draft.text, acceptances)),
    ):
        for text in texts:
            yield replace(_preference(deeds, kind, final, text), hint=draft.hint)


def _preference(
    deeds: PairDeeds, kind: PreferenceKind, chosen: PairText, rejected: PairText
) -> Preference:
    return Preference(
        source_id=deeds.source_id,
        kind=str(kind),
        raw=deeds.raw,
        chosen=chosen,
        rejected=rejected,
    )


def _largest(
    deeds: PairDeeds,
    draft: PairText,
    reversals: Callable[[str, str, str], Iterator[Reversal]],
) -> list[PairText]:
    """The final text with its largest changes decided the other way, one at a time."""
    found = [
        (len(one.kept) + len(one.other), replace(deeds.final, **{name: one.text}))
        for name in FIELDS
        for one in reversals(
            getattr(deeds.raw, name), getattr(draft, name), getattr(deeds.final, name)
        )
    ]
    found.sort(key=lambda sized: -sized[0])
    return [text for _, text in found[:MOST_HUNKS]]
