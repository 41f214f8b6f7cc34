"""The annotator's desk: one pair at a time, the next one follows at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.errors import Invalid, LeaseLost, OtherTab, Stale
from annotator.domain.roles import Deed
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Pair, Project, Skip
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import counts, guidelines, mine, offered, queue, review_desk
from annotator.selectors.undoable import Desk
from annotator.selectors.versions import beside, standing_text
from annotator.selectors.vigilance import kept_for_second
from annotator.services import (
    autosaving,
    checking,
    excluding,
    giving_back,
    queueing,
    reviewing,
    skipping,
    timing,
)
from annotator.tasks import draft_next_batch, nudge
from annotator.web import check_words, deeds, labels, rubric, verdicts
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_hold, fetch_project, go_to, screen
from annotator.web.markdown import render, render_kept
from annotator.web.review import candidate_words, tables
from annotator.web.review.forms import MarksForm
from revision_engine.postprocess import Problem
from revision_engine.types import PairText
from training.selectors import open_challenge


@login_required
@require_GET
def desk(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    return next_pair(request, project)


def next_pair(request: Request, project: Project) -> HttpResponse:
    """The pair the person holds, else the next one, else why there is none."""
    lease = queueing.claim(project=project, person=request.user, stage=Stage.REVIEW)
    told = check_words.told(checking.tell(project, request.user))
    if lease is None:
        # Whoever asks has a dead engine's work taken back, without a clock, too.
        nudge(draft_next_batch, project.pk)
        why = queue.why_empty(project, request.user, Stage.REVIEW)
        table = tables.elsewhere(
            project,
            why,
            kept_for_second=kept_for_second(project, request.user),
            may_decide=policies.can(request.user, project, Deed.IMPORT),
        )
        context = {
            "project": project,
            "why": why,
            "table": table,
            "today": mine.today(request.user, project),
            "told": told,
            **deeds.undo_context(request, project, Desk.REVIEW),
        }
        return screen(request, "review/empty.html", context, part="work")
    return show(request, project, lease, told=told)


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
    and `marked` in the rubric."""
    marked = marked or QueryDict()
    work, stand = (
        review_desk.work(lease, typed),
        counts.recent(project),
    )
    problem = lease.draft.problem if lease.draft else ""
    guideline = guidelines.current(project)
    context = {
        "project": project,
        "pair": work.pair,
        "lease": lease,
        "draft": lease.draft,
        "is_blind": open_challenge(project.scope) is not None,
        "draft_problem": labels.PROBLEMS[Problem(problem)] if problem else "",
        "fields": work.fields,
        "progress": stand,
        "batch_progress": counts.recent_batch(counts.seeming_batch(work.pair)),
        "told": told,
        "queue": offered.recently_waiting(project, request.user, Stage.REVIEW),
        "base_revision": work.autosave.revision if work.autosave else 0,
        "saved_at": work.autosave.saved_at if work.autosave else None,
        "returned": verdicts.printed(work.returned),
        "exclusion_reasons": labels.CHOSEN_EXCLUSIONS.items(),
        "skip_reasons": Skip.Reason.choices,
        "skip_policy": project.get_skip_policy_display(),
        "criteria": rubric.criteria(marked.getlist("tag")),
        "scores": rubric.scores(marked),
        **deeds.undo_words(work.undoable),
        "candidates": candidate_words.candidates(work.candidates),
        "comments": work.comments,
        "today": mine.today(request.user, project),
        "guideline": guideline,
        "guideline_html": render_kept(guideline.body) if guideline else "",
        "error": error,
    }
    status = 422 if error else 200
    return screen(request, "review/work.html", context, part="work", status=status)


@login_required
@require_POST
def submit(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, lease = fetch_hold(request, slug, token, Stage.REVIEW)
    typed = TextForm(request.POST).text()
    text = _chosen(lease, request.POST.get("action", "save"), typed)
    try:
        reviewing.submit(
            token=token,
            person=request.user,
            text=text,
            typed=typed,
            marks=MarksForm(request.POST).marks(),
            sent=deeds.sent(request),
        )
    except (OtherTab, Stale) as error:
        return _elsewhere(request, project, lease, typed, str(error))
    except LeaseLost as error:
        return _late(request, project, lease, typed, str(error))
    except Invalid as error:
        return show(
            request,
            project,
            lease,
            typed=typed,
            marked=request.POST,
            error=str(error),
        )
    return _after(request, project)


def _chosen(lease: Lease, action: str, typed: PairText) -> PairText:
    """The text that the pressed button stands for, from the server's own copy."""
    if action == "accept" and lease.draft:
        return lease.draft.text
    if action == "keep":
        return lease.pair.text
    return typed


def _late(
    request: Request, project: Project, lease: Lease, text: PairText, message: str
) -> HttpResponse:
    """What was sent too late, beside what the pair says now."""
    other, whose = standing_text(lease.pair)
    context = {
        "project": project,
        "pair": lease.pair,
        "message": message,
        "versions": beside(text, other),
        "whose": whose,
        "is_mine": whose == request.user.get_username(),
        "waits": lease.pair.state == PairState.READY,
        **deeds.undo_context(request, project, Desk.REVIEW),
    }
    return screen(request, "review/late.html", context, part="work", status=409)


def _elsewhere(
    request: Request, project: Project, lease: Lease, text: PairText, message: str
) -> HttpResponse:
    """A text from a tab without the pen, beside what the other one has saved."""
    saved = lease.pair.autosaves.filter(author=request.user, used_at=None).first()
    other = saved or lease.draft or lease.pair
    context = {
        "project": project,
        "lease": lease,
        "message": message,
        "versions": beside(text, other.text),
        "tab": request.POST.get("tab", ""),
    }
    return screen(request, "review/elsewhere.html", context, part="work", status=409)


def _after(request: Request, project: Project) -> HttpResponse:
    """The answer to a deed that was done: the next pair."""
    if request.htmx:
        return deeds.done(request, next_pair(request, project))
    return go_to(request, "review", project.slug)


@login_required
@require_POST
def claim_again(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    pair = get_object_or_404(Pair, pk=pk, project=project)
    queueing.claim_again(pair=pair, person=request.user)
    return _after(request, project)


@login_required
@require_POST
def autosave(request: Request, slug: str, token: UUID) -> HttpResponse:
    fetch_hold(request, slug, token)
    form = TextForm(request.POST)
    form.is_valid()
    kept = autosaving.keep_text(
        token=token,
        person=request.user,
        text=form.text(),
        base_revision=form.cleaned_data.get("base_revision"),
        tab=form.cleaned_data.get("tab"),
    )
    return JsonResponse(
        {"revision": kept.revision, "saved_at": kept.saved_at.isoformat()}
    )


@login_required
@require_POST
def compare(request: Request, slug: str, token: UUID) -> HttpResponse:
    """Text that a browser kept, beside what is saved, to choose from."""
    project, lease = fetch_hold(request, slug, token)
    form = TextForm(request.POST)
    form.is_valid()
    saved = lease.pair.autosaves.filter(author=request.user, used_at=None).first()
    other = saved or lease.draft or lease.pair
    versions = beside(form.text(), other.text)
    revision = saved.revision if saved else 0
    context = {"project": project, "versions": versions, "revision": revision}
    return screen(request, "review/merge.html", context, part="merge")


@login_required
@require_POST
def take_over(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.REVIEW)
    deeds.take_pen(request, token)
    if request.htmx:
        return next_pair(request, project)
    return go_to(request, "review", project.slug)


@login_required
@require_POST
def preview(request: Request, slug: str) -> HttpResponse:
    """The typed fields with their Markdown drawn; nothing is stored."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    text = TextForm(request.POST).text()
    fields = [
        {"label": label, "html": render(getattr(text, name))}
        for name, label in FIELD_LABELS.items()
    ]
    context = {"project": project, "fields": fields}
    return screen(request, "review/preview.html", context, part="preview")


@login_required
@require_POST
def exclude(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.REVIEW)
    excluding.exclude(
        token=token,
        person=request.user,
        reason=request.POST.get("reason", ""),
        note=deeds.note(request),
        sent=deeds.sent(request),
    )
    return _after(request, project)


@login_required
@require_POST
def skip(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.REVIEW)
    skipping.skip(
        token=token,
        person=request.user,
        reason=request.POST.get("reason", ""),
        note=deeds.note(request),
        sent=deeds.sent(request),
    )
    return _after(request, project)


@login_required
@require_POST
def give_back(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, _ = fetch_hold(request, slug, token, Stage.REVIEW)
    giving_back.give_back(
        token=token,
        person=request.user,
        stage=Stage.REVIEW,
        sent=deeds.sent(request),
    )
    return deeds.done(request, go_to(request, "project", project.slug))


@login_required
@require_POST
def tick(request: Request, slug: str, token: UUID) -> HttpResponse:
    _, lease = fetch_hold(request, slug, token)
    form = TextForm(request.POST)
    form.is_valid()
    lease = timing.record_tick(
        token=token,
        person=request.user,
        stage=Stage(lease.stage),
        active=request.POST.get("active") == "true",
        tab=form.cleaned_data.get("tab"),
    )
    return JsonResponse({"lease_until": lease.expires_at.isoformat()})
