"""How reviews fared: each person's own, and everybody's for the lead."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from annotator.domain import quality_sampling
from annotator.domain.quality_sampling import QualityMode
from annotator.domain.roles import Deed
from annotator.selectors import own_verdicts, quality_records, returns
from annotator.selectors.quality_records import Vetted
from annotator.web import verdicts
from annotator.web.http import Request, fetch_project, screen
from annotator.web.numbers import per_cent
from annotator.web.quality import tables


@login_required
@require_GET
def feedback(request: Request, slug: str) -> HttpResponse:
    """What quality control said about the person's own reviews."""
    project = fetch_project(request, slug, Deed.ANNOTATE)
    found = returns.of_author(request.user, project)
    context = {
        "project": project,
        "found": [verdicts.printed(each) for each in found],
        "shown": returns.SHOWN,
    }
    return screen(request, "quality/feedback.html", context)


@login_required
@require_GET
def people(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.SEE_STATS)
    rule = project.sampling_rule
    found = quality_records.of_project(project)
    own = own_verdicts.by_person(project)
    context = {
        "project": project,
        "own_verdicts": own_verdicts.of_project(project),
        "table": tables.people([_line(one, rule, own) for one in found]),
        "window": quality_sampling.WINDOW,
        "rule": {
            "full": rule.full,
            "floor": f"{100 * rule.floor:g}",
            "slip": f"{100 * rule.slip:g}",
        },
        "everything": rule.mode == QualityMode.ALL,
    }
    return screen(request, "quality/people.html", context)


def _line(
    found: Vetted, rule: quality_sampling.Rule, own: Mapping[int, int]
) -> dict[str, object]:
    record = found.record
    return {
        "name": found.membership.user.get_username(),
        "unit": found.membership.unit,
        "judged": record.judged,
        "own": own.get(found.membership.user_id, 0),
        "passed": record.passed,
        "fixed": record.fixed,
        "returned": record.returned,
        "share": per_cent(found.passed),
        "rate": f"{100 * found.rate:.0f}",
        "few": record.judged < rule.full,
    }
