"""What to prefer, and to what: the final text against a draft, the raw text, or itself
with one change that a person rejected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotator.domain.preferring import rejections
from annotator.formats.exports.chats import asked
from annotator.formats.exports.orders import RejectedSide
from annotator.formats.exports.sources import PairSource


def dpo(source: PairSource, against: RejectedSide) -> Iterator[dict[str, Any]]:
    """Rows for preference learning; none where both sides are the same."""
    for rejected, change in _rejected(source, against):
        yield {
            "prompt": asked(source),
            "chosen": source.response,
            "rejected": rejected,
            **change,
        }


def kto(source: PairSource, against: RejectedSide) -> Iterator[dict[str, Any]]:
    """The final text with a good label, and each rejected one with a bad one."""
    prompt = asked(source)
    yield {"prompt": prompt, "completion": source.response, "label": True}
    for rejected, change in _rejected(source, against):
        yield {"prompt": prompt, "completion": rejected, "label": False, **change}


def _rejected(
    source: PairSource, against: RejectedSide
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Responses that lost, each with the change it lost by, if it is one change."""
    if against == RejectedSide.HUNKS:
        yield from minimal(source)
        return
    is_draft = against == RejectedSide.DRAFT
    found = source.draft_response if is_draft else source.raw_response
    if found and found != source.response:
        yield found, {}


def minimal(source: PairSource) -> Iterator[tuple[str, dict[str, Any]]]:
    """The final response with one rejected change of the draft's made in it, for each
    (see annotator/domain/preferring.py)."""
    raw, draft = source.raw_response, source.draft_response
    if not raw or not draft:
        return
    for one in rejections(raw, draft, source.response):
        yield one.text, {"change": {"kept": one.kept, "rejected": one.other}}
