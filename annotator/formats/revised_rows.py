"""One row of a revised dataset: the revised pair, the raw one, and the source."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from revision_engine.types import CoachRef, DraftResult, PairText

TRAINED_ON = "trained_on"
"""The coach was trained on this pair, and the expert's text of it is not at hand."""


def row_of(
    raw: PairText,
    result: DraftResult,
    *,
    source: str,
    number: int,
    external_id: str,
    coach: CoachRef,
) -> dict[str, Any]:
    """The row as JSON holds it; `number` is its place in what was revised."""
    return {
        "row": number,
        "id": external_id,
        **asdict(result.text),
        "raw": asdict(raw),
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


def _finite(number: float | None) -> float | None:
    """JSON has no word for infinity."""
    return number if number is not None and math.isfinite(number) else None
