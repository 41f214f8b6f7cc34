"""What the rows of an export are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from revision_engine.types import PairText


class PairSource(NamedTuple):
    """One accepted pair, as the database says it; what a shape does not ask for is
    None."""

    review: int
    pair: int
    batch: int
    kind: str
    """How quality control came to take it (Verdict.Kind)."""
    decision: str
    coach: int | None
    external_id: str
    category: str
    context: Sequence[Mapping[str, Any]]
    shape: Mapping[str, Any]
    """How its file said it (formats/shapes/giving_back)."""
    extra: Mapping[str, Any]
    instruction: str
    """This and the next two: the text that counts."""
    input: str
    response: str
    raw_instruction: str | None
    raw_input: str | None
    raw_response: str | None
    distance: int | None
    """Characters between the raw pair and the text that counts (Levenshtein)."""
    draft_response: str | None
    """Of a usable draft."""
    fingerprint: str | None
    was_mended: bool | None
    """Quality control corrected it, or had it corrected."""
    accepted_at: datetime | None
    origin: Mapping[str, Any] | None = None
    """Where it came from: the row's `provenance`."""
    is_held_out: bool = False
    """Kept for measuring coaches, or asks the same as such a pair."""

    @property
    def text(self) -> PairText:
        return PairText(
            instruction=self.instruction, input=self.input, response=self.response
        )

    @property
    def raw(self) -> PairText:
        return PairText(
            instruction=self.raw_instruction or "",
            input=self.raw_input or "",
            response=self.raw_response or "",
        )


class Needs(NamedTuple):
    """Columns of a source that only some shapes ask for."""

    raw: bool = False
    draft: bool = False
    training: bool = False
