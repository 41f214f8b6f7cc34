"""Quality control's desk: a second person accepts, mends or sends back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.effort import Decision
from annotator.domain.errors import Invalid, LeaseLost, OtherTab, Stale
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Lease, Project, Verdict
from annotator.selectors import guidelines, offered, quality_desk, queue, versions
from annotator.selectors.undoable import Desk
from annotator.services import giving_back, quality, queueing
from annotator.web import deeds, labels, verdicts
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_hold, fetch_project, go_to, screen
from annotator.web.markdown import render_kept
from annotator.web.quality import tables
from revision_engine.types import PairText


@login_required
@require_GET
def desk(request: Request, slug: str) -> HttpResponse:
    return next_review(request, fetch_project(request, slug, Deed.JUDGE))


def next_review(request: Request, project: Project) -> HttpResponse:
    lease = quality.claim(project=project, person=request.user)
    if lease is None:
        why = queue.why_empty(project, request.user, Stage.QUALITY)
        undo = deeds.undo_context(request, project, Desk.QUALITY)
        table = tables.elsewhere(project, why)
        context = {"project": project, "why": why, "table": table, **undo}
        return screen(request, "quality/empty.html", context, part="work")
    return show(request, project, lease)


def show(
    request: Request,
    project: Project,
    lease: Lease,
    *,
    typed: PairText | None = None,
    sent: QueryDict | None = None,
    error: str = "",
) -> HttpResponse:
    """The desk with one review; `typed` stands in the editor, `sent` in the form."""
    sent = sent or QueryDict()
    blind = policies.blind_to(request.user, lease.pair)
    judged = quality_desk.judged(lease, typed=typed, hide_draft=blind.arm)
    saved = judged.autosave
    guideline = guidelines.current(project)
    context = {
        "project": project,
        "lease": lease,
        "pair": judged.pair,
        "review": judged.review,
        "blind": blind,
        "decision": labels.DECISIONS[Decision(judged.review.decision)],
        "fields": judged.fields,
        "fix": judged.fix,
        "is_fixed": judged.is_fixed,
        "base_revision": saved.revision if saved else 0,
        "saved_at": saved.saved_at if saved and saved.used_at is None else None,
        "earlier": [
            {"row": each, "reasons": verdicts.reasons(each)} for each in judged.earlier
        ],
        "queue": offered.recently_waiting(project, request.user, Stage.QUALITY),
        "reasons": Verdict.Reason.choices,
        "chosen": sent.getlist("reason"),
        "note": sent.get("note", ""),
        "error": error,
        "comments": judged.pair.comments.count(),
        "guideline": guideline,
        "guideline_html": render_kept(guideline.body) if guideline else "",
        **deeds.undo_context(request, project, Desk.QUALITY),
    }
    status = 422 if error else 200
    return screen(request, "quality/work.html", context, part="work", status=status)


@login_required
@require_POST
def judge(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, lease = fetch_hold(request, slug, token, Stage.QUALITY)
    typed = TextForm(request.POST).text() if "response" in request.POST else None
    try:
        _decide(request, token, typed)
    except (LeaseLost, OtherTab, Stale) as error:
        return _late(request, project, lease, typed, str(error))
    except Invalid as error:
        return show(
            request, project, lease, typed=typed, sent=request.POST, error=str(error)
        )
    return _after(request, project)


def _decide(request: Request, token: UUID, typed: PairText | None) -> Verdict:
    """What the pressed button stands for."""
    given: dict[str, Any] = {
        "token": token,
        "person": request.user,
        "note": deeds.note(request),
        "sent": deeds.sent(request),
    }
    match request.POST.get("action"):
        case "accept":
            return quality.accept(typed=typed, **given)
        case "fix":
            text = typed or PairText(instruction="", input="", response="")
            return quality.fix_and_accept(text=text, **given)
    reason, *also = request.POST.getlist("reason") or [""]
    return quality.send_back(reason=reason, also=also, text=typed, **given)


def _late(
    request: Request,
    project: Project,
    lease: Lease,
    typed: PairText | None,
    message: str,
) -> HttpResponse:
    """What was sent too late or from another tab, to be copied or gone on from."""
    standing, _ = versions.standing_text(lease.pair)
    context = {
        "project": project,
        "pair": lease.pair,
        "message": message,
        "versions": versions.beside(typed, standing) if typed else [],
        "note": request.POST.get("note", ""),
        "lease": lease,
        "is_held": queueing.is_running(lease),
        "tab": request.POST.get("tab", ""),
        **deeds.undo_context(request, project, Desk.QUALITY),
    }
    return screen(request, "quality/late.html", context, part="work", status=409)


def _after(request: Request, project: Project) -> HttpResponse:
    """The answer to a verdict that was given: the next review."""
    if request.htmx:
        return deeds.done(request, next_review(request, project))
    return go_to(request, "quality", project.slug)


@login_required
@require_POST
def take_over(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.QUALITY)
    deeds.take_pen(request, token)
    lease = quality.claim(project=project, person=request.user)
    if lease and request.POST.get("note"):
        return show(request, project, lease, sent=request.POST)
    if request.htmx:
        return next_review(request, project)
    return go_to(request, "quality", project.slug)


@login_required
@require_POST
def give_back(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.QUALITY)
    giving_back.give_back(
        token=token,
        person=request.user,
        stage=Stage.QUALITY,
        sent=deeds.sent(request),
    )
    return deeds.done(request, go_to(request, "project", project.slug))
