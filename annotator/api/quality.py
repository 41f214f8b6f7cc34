"""Quality control for programs: people, units, acceptance in bulk."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.views import ApiRequest, project_for
from annotator.domain.intervals import Share
from annotator.domain.roles import Deed
from annotator.models import BulkAcceptance
from annotator.selectors import bulk, days, quality_records, units
from annotator.selectors.quality_records import Vetted
from annotator.services import bulk_accepting


class BulkRequestSerializer(serializers.Serializer):
    """`threshold` is a mean log-probability; `until` leaves out what came later."""

    threshold = serializers.FloatField(max_value=0)
    audit_share = serializers.FloatField(default=0.1, min_value=0.01, max_value=1)
    until = serializers.DateTimeField(
        required=False, default=None, validators=days.LIMITS
    )


class BulkSerializer(serializers.ModelSerializer):
    actor = serializers.CharField(source="actor.username")

    class Meta:
        model = BulkAcceptance
        fields = (
            "id",
            "at",
            "actor",
            "threshold",
            "audit_share",
            "accepted",
            "audited",
        )


def _share(found: Share | None) -> dict[str, float] | None:
    """Count, trials, value and its 95 % interval, 0 to 1."""
    return asdict(found) if found else None


def _person(found: Vetted) -> dict[str, Any]:
    unit = found.membership.unit
    return {
        "person": found.membership.user.get_username(),
        "unit": unit.name if unit else None,
        "judged": found.record.judged,
        "passed": found.record.passed,
        "fixed": found.record.fixed,
        "returned": found.record.returned,
        "pass_share": _share(found.passed),
        "sampling_rate": found.rate,
    }


class People(APIView):
    """GET: how each member's newest judged reviews fared, and how many are judged."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        return Response([_person(each) for each in quality_records.of_project(project)])


class Units(APIView):
    """GET: the units, their owners and people."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        members = list(units.members(project))
        return Response(
            [
                {
                    "id": unit.pk,
                    "name": unit.name,
                    "owner": unit.owner.get_username() if unit.owner else None,
                    "members": [
                        member.user.get_username()
                        for member in members
                        if member.unit_id == unit.pk
                    ],
                }
                for unit in units.units(project)
            ]
        )


class Bulk(APIView):
    """GET: what waits and how earlier bulks came out. POST: accept in bulk."""

    parser_classes = (JsonBody, FormParser)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.ACCEPT_IN_BULK)
        effects = bulk.effects(project, request.user)
        return Response(
            {
                "waiting": [
                    asdict(effect) | {"failed": _share(effect.failed)}
                    for effect in effects
                ],
                "earlier": [
                    {
                        **BulkSerializer(outcome.bulk).data,
                        "judged": outcome.judged,
                        "failed": _share(outcome.failed),
                        "trust": outcome.trust,
                    }
                    for outcome in bulk.outcomes(project)
                ],
            }
        )

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.ACCEPT_IN_BULK)
        asked = BulkRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        deed = bulk_accepting.accept(
            project=project, actor=request.user, **asked.validated_data
        )
        return Response(BulkSerializer(deed).data, status=201)
