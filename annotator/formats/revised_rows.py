"""One row of a revised dataset: the revised pair, the raw one, and the source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from annotator.formats.side_columns import with_columns
from revision_engine.types import CoachRef, DraftResult, PairText

TRAINED_ON = "trained_on"
"""The coach was trained on this pair, and the expert's text of it is not at hand."""


def alpaca(text: PairText) -> dict[str, str]:
    """A pair in the keys that every export of the product has."""
    return {
        "instruction": text.instruction,
        "input": text.input,
        "output": text.response,
    }


def row_of(
    raw: PairText,
    result: DraftResult,
    *,
    source: str,
    number: int,
    extra: Mapping[str, Any],
    coach: CoachRef,
) -> dict[str, Any]:
    """The row as JSON holds it.

    `number` is its place in what was revised; `extra` what the dataset said of it
    beside its texts, its id and category among it.
    """
    row = {
        "row": number,
        "id": None,
        **alpaca(result.text),
        "category": None,
        "raw": alpaca(raw),
        "provenance": {
            "source": source,
            "problem": result.problem,
            "coach": coach.name,
            "base_model": coach.base_model,
            "adapter_sha256": coach.adapter_sha256,
            "prompt": coach.prompt,
            "mean_logprob": _finite(result.mean_logprob),
            "new_tokens": result.new_tokens,
        },
    }
    return with_columns(row, extra)


def _finite(number: float | None) -> float | None:
    """JSON has no word for infinity."""
    return number if number is not None and math.isfinite(number) else None
