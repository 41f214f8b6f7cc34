"""What people's deeds with one pair say: which of two texts they would rather have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
class Rejection:
    """A final text with one change made in it that a person had rejected."""

    text: str
    kept: str
    rejected: str


def rejections(raw: str, draft: str, final: str) -> Iterator[Rejection]:
    """One for each change of the draft that the final text rejects.

    The changes are laid anew over the text that counts: one that quality control took
    after all is no longer rejected.
    """
    pieces = hunks.place(raw, draft, final)
    finals = [piece.final for piece in pieces]
    for place, piece in enumerate(pieces):
        if piece.outcome != Outcome.REJECTED or piece.after == piece.final:
            continue
        text = "".join([*finals[:place], piece.after, *finals[place + 1 :]])
        if text != final and text.strip():
            yield Rejection(text, piece.final, piece.after)


def untaken(raw: str, draft: str, final: str) -> Iterator[tuple[str, int]]:
    """The final text without one change of the draft that it takes, for each of them;
    with the characters that the change takes away and puts in."""
    pieces = hunks.place(raw, draft, final)
    finals = [piece.final for piece in pieces]
    for place, piece in enumerate(pieces):
        if piece.outcome == Outcome.ACCEPTED and piece.before != piece.final:
            text = "".join([*finals[:place], piece.before, *finals[place + 1 :]])
            if text.strip():
                yield text, len(piece.before) + len(piece.final)


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
        (PreferenceKind.HUNK, _with_a_rejected_change(deeds, draft.text)),
        (PreferenceKind.TAKEN, _without_a_taken_change(deeds, draft.text)),
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


def _with_a_rejected_change(deeds: PairDeeds, draft: PairText) -> list[PairText]:
    return _largest(
        (len(one.kept) + len(one.rejected), replace(deeds.final, **{name: one.text}))
        for name in FIELDS
        for one in rejections(*_sides(name, deeds, draft))
    )


def _without_a_taken_change(deeds: PairDeeds, draft: PairText) -> list[PairText]:
    return _largest(
        (size, replace(deeds.final, **{name: text}))
        for name in FIELDS
        for text, size in untaken(*_sides(name, deeds, draft))
    )


def _sides(name: str, deeds: PairDeeds, draft: PairText) -> tuple[str, str, str]:
    raw, final = getattr(deeds.raw, name), getattr(deeds.final, name)
    return raw, getattr(draft, name), final


def _largest(found: Iterable[tuple[int, PairText]]) -> list[PairText]:
    ordered = sorted(found, key=lambda sized: -sized[0])
    return [text for _, text in ordered[:MOST_HUNKS]]
