"""What came of the work: statistics and export."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from annotator.domain.roles import Deed
from annotator.domain.states import PairState
from annotator.selectors import efficiency, progress
from annotator.services import exporting
from annotator.web import labels
from annotator.web.http import Request, fetch_project, screen


@login_required
@require_GET
def stats(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    arms = efficiency.by_arm(project)
    context = {
        "project": project,
        "cards": _cards(arms[-1]),
        "arms": [_measures(row, ARM_LABELS[row.label]) for row in arms],
        "people": [_measures(row, row.label) for row in efficiency.by_person(project)],
        "small": efficiency.SMALL,
    }
    return screen(request, "stats/show.html", context)


ARM_LABELS = {
    **{str(arm): text for arm, text in labels.ARMS.items()},
    "all": _lazy("all"),
}


def _measures(row: efficiency.Figures, label: object) -> dict[str, object]:
    return {
        "label": label,
        "reviews": row.reviews,
        "people": row.people,
        "active_hours": row.active_hours,
        "pairs_per_hour": row.pairs_per_hour,
        "accepted_share": _percent(row.accepted_share),
        "edited_share": _percent(row.edited_share),
        "mean_distance": row.mean_edit_distance,
        "median_seconds": row.median_seconds,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _cards(row: efficiency.Figures) -> list[dict[str, object]]:
    accepted = _percent(row.accepted_share)
    return [
        {"label": _("Reviews"), "value": row.reviews, "unit": _("reviews")},
        {
            "label": _("Pairs"),
            "value": row.pairs_per_hour and f"{row.pairs_per_hour:.1f}",
            "unit": _("per active hour of one person"),
        },
        {
            "label": _("Drafts accepted as they were"),
            "value": None if accepted is None else f"{accepted:.0f}",
            "unit": _("%% of %(n)d reviews with a draft") % {"n": row.with_draft},
        },
        {
            "label": _("Active time"),
            "value": f"{row.active_hours:.1f}",
            "unit": _("hours, %(n)d people") % {"n": row.people},
        },
    ]


@login_required
@require_GET
def export(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.EXPORT)
    contents = exporting.contents(project=project, actor=request.user)
    context = {
        "project": project,
        "total": contents.total,
        "counts": [
            {"label": _("revised here"), "count": contents.revised_here, "note": ""},
            {
                "label": _("imported as accepted"),
                "count": contents.imported,
                "note": _("came with their revision"),
            },
        ],
        "states": [
            {"label": labels.STATES[step.state], "count": step.count}
            for step in progress.funnel(project)
            if step.count and step.state != PairState.ACCEPTED
        ],
    }
    return screen(request, "export/show.html", context)


@login_required
@require_GET
def export_file(request: Request, slug: str) -> HttpResponseBase:
    project = fetch_project(request, slug, Deed.EXPORT)
    lines = exporting.jsonl(project=project, actor=request.user)
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="{slug}.jsonl"'
    return response


@login_required
@require_GET
def export_manifest(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.EXPORT)
    response = JsonResponse(exporting.manifest(project=project, actor=request.user))
    response["Content-Disposition"] = f'attachment; filename="{slug}.manifest.json"'
    return response
