"""Statistics: what the pages of figures show, as JSON; one class an operation."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.serializers import (
    PromotionSerializer,
    RunSerializer,
)
from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.domain.weeks import Week
from annotator.models import DriftAlarm, DriftCheck, DriftFigure
from annotator.selectors import drift, mine
from annotator.selectors.reports import parts, weekly
from annotator.services import drifting
from training.models import CoachVersion, Evaluation, Promotion, TrainingRun


class AlarmSerializer(serializers.ModelSerializer):
    acknowledged_by: Any = serializers.StringRelatedField()

    class Meta:
        model = DriftAlarm
        fields = (
            *("id", "coach", "other", "against", "figure", "unit", "pairs"),
            *("value", "other_value", "low", "high", "tolerance", "adjusted_p"),
            *("raised_at", "acknowledged_at", "acknowledged_by", "note"),
        )


class CheckSerializer(serializers.ModelSerializer):
    class Meta:
        model = DriftCheck
        fields = ("reference", "pairs", "pairs_sha256", "made_at", "seconds")


class DriftFigureSerializer(serializers.ModelSerializer):
    class Meta:
        model = DriftFigure
        fields = (
            *("coach", "against", "other", "figure", "unit", "pairs", "value"),
            *("other_value", "low", "high", "p", "adjusted_p", "tolerance", "alarms"),
        )


class DecisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Evaluation
        fields = ("id", "coach", "current", "outcome", "reasons", "created_at")


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=1000)


class ReferenceSerializer(serializers.Serializer):
    coach = serializers.IntegerField()


ROWS: dict[type[Model], type[serializers.ModelSerializer]] = {
    DriftAlarm: AlarmSerializer,
    Evaluation: DecisionSerializer,
    Promotion: PromotionSerializer,
    TrainingRun: RunSerializer,
}


def _told(found: Any) -> Any:
    """A dataclass of a selector as JSON, its rows by their serializers."""
    if isinstance(found, Week):
        return str(found)
    if is_dataclass(found):
        names = found.__dataclass_fields__
        return {name: _told(getattr(found, name)) for name in names}
    if isinstance(found, list | tuple):
        return [_told(each) for each in found]
    return _row(found) if isinstance(found, Model) else found


def _row(row: Model) -> Any:
    return ROWS[type(row)](row).data


class TodayView(APIView):
    """GET: your own figures since midnight."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.ANNOTATE)
        found = mine.today(request.user, project)
        return Response({**asdict(found), "an_hour": found.an_hour})


class DriftView(APIView):
    """GET: generations of the coach on the same pairs, as the last check found them."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        found = drift.drift(project)
        alarms = [*found.standing, *found.acknowledged]
        figures = DriftFigureSerializer
        return Response(
            {
                "check": CheckSerializer(found.check).data if found.check else None,
                "generations": [_generation(each) for each in found.generations],
                "fixed": figures(found.fixed, many=True).data,
                "compared": figures(found.compared, many=True).data,
                "alarms": AlarmSerializer(alarms, many=True).data,
                "live": [asdict(row) for row in found.live],
            }
        )


def _generation(each: drift.Generation) -> dict[str, Any]:
    return {
        "number": each.number,
        "coach": each.coach.pk,
        "name": each.coach.name,
        "promoted_at": each.promotion.at,
        "is_active": each.is_active,
        "is_reference": each.is_reference,
        "is_measured": each.is_measured,
    }


class DriftAcknowledge(APIView):
    """POST {"note"}: say what you make of an alarm; it no longer stands then."""

    parser_classes = (JsonBody, FormParser)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        alarm = get_object_or_404(DriftAlarm, pk=pk, project=project)
        sent = NoteSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        (held,) = drifting.acknowledge(
            project=project,
            alarms=[alarm.pk],
            actor=request.user,
            note=sent.validated_data["note"],
        )
        return Response(AlarmSerializer(held).data)


class DriftReferenceView(APIView):
    """POST {"coach"}: hold all generations against this one from the next check on."""

    parser_classes = (JsonBody, FormParser)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        sent = ReferenceSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        pk = sent.validated_data["coach"]
        coach = get_object_or_404(CoachVersion, pk=pk, scope=project.scope)
        made = drifting.choose_reference(
            project=project, coach=coach, actor=request.user
        )
        return Response({"coach": coach.pk, "chosen_at": made.chosen_at}, status=201)


class ReportList(APIView):
    """GET: the weeks that have work, newest first; `until` a week for earlier ones."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        asked = request.query_params.get("until")
        try:
            found = weekly.weeks(project, Week.parse(asked) if asked else None)
        except ValueError as fault:
            raise Invalid(str(fault)) from None
        return Response({"zone": str(parts.zone()), **_told(found)})


class ReportView(APIView):
    """GET: one week, all that its page shows. Times in seconds or hours, as named."""

    def get(self, request: ApiRequest, slug: str, week: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        try:
            found = weekly.report(project, Week.parse(week))
        except ValueError:
            raise Http404 from None
        return Response({"project": project.slug, **_told(found)})
