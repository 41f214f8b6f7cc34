"""How far people agree and whether they read: their own page first, then the leads'."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.roles import Deed
from annotator.models import Pair, Project
from annotator.selectors import adjudication, agreement, mine, vigilance
from annotator.services import checking
from annotator.web import check_words, csv_files, rubric
from annotator.web.http import Request, fetch_project, go_to, say, screen
from annotator.web.vigilance import tables, words

LISTED = 50
"""Pairs that the agreement page lists; the CSV has them all."""
FEW = 20
"""Pairs below which agreement is called a first hint."""


@login_required
@require_GET
def own(request: Request, slug: str) -> HttpResponse:
    """A person's own figures. Opening it lets leads see the same from now on."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    signs = vigilance.own(request.user, project)
    checks = vigilance.checks_of(request.user, project, signs.since, signs.until)
    told = [one for one in map(check_words.told, checks) if one]
    context = {
        "project": project,
        "today": mine.today(request.user, project),
        "own": words.person(signs),
        "planted": signs.planted,
        "noticed": signs.noticed,
        "checks": tables.checks(project, told),
        "waiting": vigilance.kept_for_second(project, request.user),
        "days": vigilance.WINDOW.days,
    }
    checking.opened_signs(project=project, person=request.user)
    return screen(request, "vigilance/mine.html", context)


@login_required
@require_GET
def own_rows(request: Request, slug: str) -> StreamingHttpResponse:
    project = fetch_project(request, slug, Deed.ANNOTATE)
    rows = vigilance.own(request.user, project).rows
    return csv_files.of_kind(f"{slug}-my-reviews.csv", vigilance.SignRow, rows)


@login_required
@require_GET
def signs(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    people = vigilance.for_leads(project)
    heads = words.signs(people[0].signs) if people else []
    context = {
        "project": project,
        "people": tables.people(project, [words.person(one) for one in people], heads),
        "kinds": tables.kinds(words.kinds(vigilance.by_kind(project, people))),
        "golds": vigilance.golds(project),
        "days": vigilance.WINDOW.days,
    }
    return screen(request, "vigilance/signs.html", context)


@login_required
@require_GET
def signs_rows(request: Request, slug: str) -> StreamingHttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    rows = (row for one in vigilance.for_leads(project) for row in one.rows)
    return csv_files.of_kind(f"{slug}-signs.csv", vigilance.SignRow, rows)


@login_required
@require_GET
def agreements(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    found = agreement.agreements(project)
    decision = words.agreement(found.decision, _("Decision"))
    tags = [words.agreement(one, rubric.criterion(one.name)) for one in found.tags]
    newest = found.rows[: -LISTED - 1 : -1]
    context = {
        "project": project,
        "found": found,
        "questions": tables.questions([decision, *(t for t in tags if t["figure"])]),
        "unvaried": [one["label"] for one in tags if not one["figure"]],
        "few": FEW,
        "one_text_share": _percent(found.one_text, len(found.rows)),
        "mean": None if found.mean_similarity is None else 100 * found.mean_similarity,
        "median": None
        if found.median_similarity is None
        else 100 * found.median_similarity,
        "reasons": tables.reasons((words.REASONS[key], n) for key, n in found.reasons),
        "newest": tables.twice_revised(
            project, [words.overlap(row) for row in agreement.blind(newest)]
        ),
        "waiting": adjudication.waiting(project).count(),
    }
    return screen(request, "vigilance/agreement.html", context)


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


@login_required
@require_GET
def agreement_rows(request: Request, slug: str) -> StreamingHttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    rows = agreement.blind(agreement.rows(project))
    return csv_files.of_kind(f"{slug}-agreement.csv", agreement.AgreementRow, rows)


@login_required
@require_POST
def gold(request: Request, slug: str, pk: int) -> HttpResponse:
    """Take an accepted pair for a gold pair, or show it to nobody any more."""
    project = fetch_project(request, slug, Deed.ADJUDICATE)
    pair = _pair(project, pk)
    if request.POST.get("action") == "end":
        checking.end_gold(pair=pair, actor=request.user)
        say(request, _("It is no gold pair any more."))
    else:
        checking.choose_gold(pair=pair, actor=request.user)
        say(request, _("It is a gold pair now."))
    return go_to(request, "pair", slug, pk)


def _pair(project: Project, pk: int) -> Pair:
    return get_object_or_404(
        Pair.objects.select_related("project"), pk=pk, project=project
    )
