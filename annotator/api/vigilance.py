"""Agreement and signs: what the pages say, with the same rights and the same limits."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.selectors import agreement, vigilance
from annotator.selectors.vigilance import PersonSigns
from annotator.services import checking


class AgreementView(APIView):
    """GET: agreement of two people on the same pairs, with the pairs."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        found = agreement.agreements(project)
        return Response(
            {
                **asdict(found),
                "reasons": dict(found.reasons),
                "rows": [asdict(row) for row in agreement.blind(found.rows)],
            }
        )


class SignsView(APIView):
    """GET: everybody's signs, each up to where the person could see their own."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        people = vigilance.for_leads(project)
        kinds = vigilance.by_kind(project, people)
        return Response(
            {
                "people": [_signs(one) for one in people],
                "planted_by_kind": [asdict(kind) for kind in kinds],
            }
        )


class MineView(APIView):
    """GET: your own signs; leads may see the same from now on."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.ANNOTATE)
        told = _signs(vigilance.own(request.user, project))
        checking.opened_signs(project=project, person=request.user)
        return Response(told)


def _signs(one: PersonSigns) -> dict[str, Any]:
    return {
        "person": one.person.get_username(),
        "since": one.since,
        "until": one.until,
        "signs": [asdict(sign) for sign in one.signs],
        "stands_out": one.stands_out,
        "planted": one.planted,
        "noticed": one.noticed,
        "golds": one.golds,
        "mean_gold": one.mean_gold,
        "rows": [asdict(row) for row in one.rows],
    }
