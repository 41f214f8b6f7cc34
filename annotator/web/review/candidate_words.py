"""Candidates as the desk lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotator.models import Candidate
from annotator.web.labels import PROBLEMS
from revision_engine.postprocess import Problem

if TYPE_CHECKING:
    pass


def candidates(found: Sequence[Candidate]) -> dict[str, object]:
    """Candidates with the sentence for what went wrong, and whether to look again."""
    rows = []
    for candidate in found:
        problem = candidate.draft.problem if candidate.draft else ""
        rows.append(
            {
                "row": candidate,
                "problem": PROBLEMS[Problem(problem)] if problem else "",
                "writing": candidate.ended_at is None,
            }
        )
    return {
        "rows": rows,
        "writing": any(candidate.ended_at is None for candidate in found),
        "more": len(found) < Candidate.MOST,
    }
