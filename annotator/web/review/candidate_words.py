"""The drafts of a pair as the desk shows them: one tab each."""

from __future__ import annotations

from collections.abc import Sequence

from annotator.models import Draft, Lease
from annotator.selectors.review_desk import DraftView, draft_rows
from annotator.web.labels import PROBLEMS
from revision_engine.postprocess import Problem


def tabs(found: Sequence[DraftView], lease: Lease) -> dict[str, object]:
    """Drafts that can be chosen, those under way or failed, the number of the one in
    the editor (None: none is), whether to look again, and what is held back until
    somebody asks for it."""
    there = [_tab(each, each.draft, lease) for each in found if each.draft]
    others = [_under_way(each) for each in found if each.draft is None]
    return {
        "held_back": None if there else _held_back(lease),
        "tabs": there,
        "others": others,
        "number": next((tab["number"] for tab in there if tab["is_shown"]), None),
        "writing": any(each["writing"] for each in others),
    }


def _held_back(lease: Lease) -> dict[str, int] | None:
    """With which probability, in per cent, the draft that is held back would help."""
    draft = lease.draft
    if draft is None or draft.held_back_id is None:
        return None
    return {"percent": round(100 * (draft.helpfulness or 0.0))}


def _tab(view: DraftView, draft: Draft, lease: Lease) -> dict[str, object]:
    return {
        "number": view.number,
        "pk": draft.pk,
        "hint": view.candidate.hint if view.candidate else "",
        "rows": draft_rows(lease.pair.text, draft.text),
        "is_shown": draft.pk == lease.draft_id,
    }


def _under_way(view: DraftView) -> dict[str, object]:
    candidate = view.candidate
    problem = candidate.draft.problem if candidate and candidate.draft else ""
    return {
        "row": candidate,
        "problem": PROBLEMS[Problem(problem)] if problem else "",
        "writing": candidate is not None and candidate.ended_at is None,
    }
