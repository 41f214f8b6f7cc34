"""The dashboard's figures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.serializers import DayField
from annotator.api.views import ApiRequest, project_for
from annotator.domain.periods import Period
from annotator.domain.roles import Deed
from annotator.selectors.dashboard import Dashboard, dashboard
from annotator.selectors.tallies import Filters
from annotator.services.tallies import folding

NO_CATEGORY = "-"


class FilterSerializer(serializers.Serializer):
    """The same as in the page's address; days that are given come before `days`."""

    days = serializers.IntegerField(required=False, min_value=1, max_value=36_500)
    since = DayField()
    until = DayField()
    unit = serializers.IntegerField(required=False)
    person = serializers.CharField(required=False, max_length=150)
    batch = serializers.IntegerField(required=False)
    category = serializers.CharField(required=False, max_length=80)
    coach = serializers.IntegerField(required=False)

    def filters(self) -> Filters:
        asked = dict(self.validated_data)
        since, until = asked.pop("since", None), asked.pop("until", None)
        days = asked.pop("days", None)
        if days and not (since or until):
            until = timezone.localdate(timezone=timezone.get_default_timezone())
            since = until - timedelta(days=days - 1)
        if asked.get("category") == NO_CATEGORY:
            asked["category"] = ""
        return Filters(period=Period(since, until), **asked)


class Stats(APIView):
    """GET: every number of the dashboard, filtered alike."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        asked = FilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        folding.fold_if_quick(project)
        filters = asked.filters()
        return Response(_told(dashboard(project, filters), filters))


def _told(found: Dashboard, filters: Filters) -> dict[str, Any]:
    """Units are said in docs/dashboard.md, by the same names."""
    return {"filters": asdict(filters), **asdict(found)}
