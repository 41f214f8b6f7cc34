"""Acceptance in bulk: what a threshold would do, the deed, how earlier ones fared."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import bulk
from annotator.selectors.bulk import BulkOutcome, Effect, Trust
from annotator.selectors.undoable import Desk
from annotator.services import bulk_accepting
from annotator.web import deeds
from annotator.web.http import Request, fetch_project, go_to, screen
from annotator.web.numbers import per_cent
from annotator.web.quality import tables
from annotator.web.quality.forms import BulkForm


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.ACCEPT_IN_BULK)
    form = BulkForm(request.POST or request.GET or None)
    if request.method == "POST" and form.is_valid():
        done = bulk_accepting.accept(
            project=project,
            actor=request.user,
            sent=deeds.sent(request),
            **form.cleaned_data,
        )
        told = _("%(accepted)d reviews are accepted, %(audited)d wait for a person.")
        counts = {"accepted": done.accepted, "audited": done.audited}
        deeds.tell(request, told % counts)
        return go_to(request, "quality-bulk", project.slug)
    context = {
        "project": project,
        "form": form,
        **_figures(request, project, form),
        **deeds.new(),
        **deeds.undo_context(request, project, Desk.BULK),
    }
    status = 422 if form.errors else 200
    return screen(request, "quality/bulk.html", context, status=status)


def _figures(request: Request, project: Project, form: BulkForm) -> dict[str, object]:
    chosen, share = _chosen(form)
    effects = [
        _effect(effect, share, chosen)
        for effect in bulk.effects(project, request.user, chosen)
    ]
    outcomes = bulk.outcomes(project)
    return {
        "seen_until": bulk.seen_until().isoformat(),
        "share": share,
        "effects": tables.effects(effects, share),
        "effect": next((e for e in effects if e["chosen"] and e["accepted"]), None),
        "outcomes": tables.outcomes(outcomes),
        "warning": _warning(outcomes),
        "slip": f"{100 * project.quality_slip:g}",
    }


def _chosen(form: BulkForm) -> tuple[float | None, float]:
    """The threshold and the audited share that the page speaks of."""
    typed = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return typed.get("threshold"), typed.get("audit_share", 0.1)


def _effect(effect: Effect, share: float, chosen: float | None) -> dict[str, object]:
    audited = max(1, round(share * effect.waiting)) if effect.waiting else 0
    return {
        "threshold": f"{effect.threshold:.2f}",
        "typed": repr(effect.threshold),
        "accepted": effect.waiting - audited,
        "audited": audited,
        "judged": effect.judged,
        "failed": per_cent(effect.failed),
        "chosen": effect.threshold == chosen,
    }


def _warning(outcomes: Sequence[BulkOutcome]) -> str:
    """A sentence when audits fail so often that no further bulk should follow."""
    stand = [each for each in outcomes if not each.bulk.undone_at]
    failed = [each for each in stand if each.trust == Trust.FAILS]
    if not failed or failed[0].failed is None:
        return ""
    worst, found = failed[0], failed[0].failed
    return _(
        "Of the %(judged)d judged audits of the bulk from %(threshold)s on, %(failed)d "
        "were sent back or mended: that bulk should not be trusted, and its "
        "%(accepted)d reviews are in the training data unseen. Choose a higher "
        "threshold, or none."
    ) % {
        "judged": found.of,
        "failed": found.count,
        "threshold": f"{worst.bulk.threshold:.2f}",
        "accepted": worst.bulk.accepted,
    }
