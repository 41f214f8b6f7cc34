"""One pair on the desk, drawn whole, or its top alone."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict

from annotator.domain.states import Stage
from annotator.models import Guideline, Lease, Project, Skip
from annotator.selectors import counts, guidelines, mine, offered, review_desk
from annotator.selectors.undoable import Desk
from annotator.web import deeds, labels, rubric, verdicts
from annotator.web.http import Request, screen
from annotator.web.markdown import render_kept
from annotator.web.review import ahead, candidate_words
from revision_engine.postprocess import Problem
from revision_engine.types import PairText
from training.selectors import open_challenge


def show(
    request: Request,
    project: Project,
    lease: Lease,
    *,
    typed: PairText | None = None,
    marked: QueryDict | None = None,
    error: str = "",
    told: dict[str, object] | None = None,
) -> HttpResponse:
    """The desk with one pair; `typed` stands in the editor instead of saved text,
    and `marked` in the rubric.

    Only its top where the browser has the rest, drawn as it would be now.
    """
    guideline = guidelines.current(project)
    is_blind = open_challenge(project.scope) is not None
    top = _top(request, project, lease) | {"told": told}
    name = ahead.name(lease, guideline, project, is_blind=is_blind)
    if lease.first_time and request.POST.get("ahead") == name:
        answer = screen(request, "review/_top.html", top, part="top")
        answer[ahead.OPENED] = name
        return answer
    context = {
        **top,
        **_work(project, lease, typed, guideline),
        **_marks(marked or QueryDict()),
        "is_blind": is_blind,
        "error": error,
    }
    status = 422 if error else 200
    answer = screen(request, "review/work.html", context, part="work", status=status)
    answer[ahead.NAME] = name
    return answer


def _top(request: Request, project: Project, lease: Lease) -> dict[str, object]:
    """What may be another at each deed."""
    return {
        "project": project,
        "pair": lease.pair,
        "lease": lease,
        "progress": counts.recent(project),
        "batch_progress": counts.recent_batch(counts.seeming_batch(lease.pair)),
        "queue": offered.recently_waiting(project, request.user, Stage.REVIEW),
        "today": mine.today(request.user, project),
        "comments": lease.pair.comments.count(),
        **deeds.undo_context(request, project.home, Desk.REVIEW),
    }


def _work(
    project: Project, lease: Lease, typed: PairText | None, guideline: Guideline | None
) -> dict[str, object]:
    work = review_desk.work(lease, typed)
    problem = lease.draft.problem if lease.draft else ""
    return {
        "draft": lease.draft,
        "draft_usable": lease.draft is not None and not problem,
        "draft_problem": labels.PROBLEMS[Problem(problem)] if problem else "",
        "drafts": candidate_words.tabs(work.drafts, lease),
        "fields": work.fields,
        "base_revision": work.autosave.revision if work.autosave else 0,
        "saved_at": work.autosave.saved_at if work.autosave else None,
        "returned": verdicts.printed(work.returned),
        "exclusion_reasons": labels.CHOSEN_EXCLUSIONS.items(),
        "skip_reasons": Skip.Reason.choices,
        "skip_policy": project.get_skip_policy_display(),
        "guideline": guideline,
        "guideline_html": render_kept(guideline.body) if guideline else "",
    }


def _marks(marked: QueryDict) -> dict[str, object]:
    return {
        "criteria": rubric.criteria(marked.getlist("tag")),
        "scores": rubric.scores(marked),
    }
