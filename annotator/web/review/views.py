"""The annotator's desk: one pair at a time, the next one follows at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from annotator import policies
from annotator.domain.errors import Invalid, LeaseLost, OtherTab, Stale
from annotator.domain.roles import Deed
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Pair, Project
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import entered, mine, queue
from annotator.selectors.undoable import Desk
from annotator.selectors.versions import beside, standing_text
from annotator.selectors.vigilance import kept_for_second
from annotator.services import (
    autosaving,
    checking,
    choosing,
    controls,
    excluding,
    giving_back,
    queueing,
    reviewing,
    skipping,
    timing,
)
from annotator.services.deeds import Sent
from annotator.tasks import draft_next_batch, nudge
from annotator.web import check_words, deeds, whom_to_ask
from annotator.web.forms import TextForm
from annotator.web.http import Request, fetch_hold, fetch_project, go_to, screen
from annotator.web.markdown import render
from annotator.web.review import tables
from annotator.web.review.forms import MarksForm
from annotator.web.review.page import show
from revision_engine.types import PairText


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
            "to_ask": whom_to_ask.named(entered.who_may(project, Deed.TRAIN)),
            **deeds.undo_context(request, project, Desk.REVIEW),
        }
        return screen(request, "review/empty.html", context, part="work")
    return show(request, project, lease, told=told)


@login_required
@require_POST
def submit(request: Request, slug: str, token: UUID) -> HttpResponse:
    project, lease = fetch_hold(request, slug, token, Stage.REVIEW)
    typed, sent = TextForm(request.POST).text(), deeds.sent(request)
    try:
        reviewing.submit(
            token=token,
            person=request.user,
            text=_chosen(request, lease, sent, typed),
            typed=typed,
            marks=MarksForm(request.POST).marks(),
            sent=sent,
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


def _chosen(request: Request, lease: Lease, sent: Sent, typed: PairText) -> PairText:
    """The text that the pressed button stands for, from the server's own copy."""
    action = request.POST.get("action", "save")
    draft = choosing.shown(lease, sent.draft_id) if action == "accept" else None
    if draft:
        return draft.text
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
def without_drafts(request: Request, slug: str) -> HttpResponse:
    """While no draft comes: the next pairs as they were imported."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    controls.without_drafts(project=project, person=request.user)
    return _after(request, project)


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
        draft_id=form.cleaned_data.get("draft"),
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
