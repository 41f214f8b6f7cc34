"""Comparisons of coaches of several base models: ask for one, follow it, read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import BackboneComparison, BackboneFigure
from annotator.selectors import backbones
from annotator.services import comparing_backbones
from annotator.tasks import compare_backbones, nudge


class BackboneRequest(serializers.Serializer):
    """Which coaches, which bare base models, and on how many pairs."""

    coaches = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=100, default=list
    )
    base_models = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=100, default=list
    )
    pairs = serializers.IntegerField(
        min_value=comparing_backbones.LEAST_PAIRS,
        max_value=comparing_backbones.MOST_PAIRS,
        default=comparing_backbones.USUAL_PAIRS,
    )


class FigureSerializer(serializers.ModelSerializer):
    class Meta:
        model = BackboneFigure
        fields = ("name", "side", "value", "low", "high", "unit", "n")


def _listed(comparison: BackboneComparison) -> dict[str, Any]:
    run = backbones.waits_for(comparison)
    names = ("id", "state", "problem", "created_at", "started_at", "ended_at")
    return {
        **{name: getattr(comparison, name) for name in names},
        "compares": [each.name for each in comparison.backbones.all()],
        "waits_for_run": run.pk if run else None,
    }


def _told(comparison: BackboneComparison) -> dict[str, Any]:
    board = backbones.board(comparison)
    return {
        **_listed(comparison),
        "pairs": board.pairs,
        "done": board.done,
        "total": board.total,
        "backbones": [_backbone(each) for each in board.backbones],
    }


def _backbone(each: backbones.Measured) -> dict[str, Any]:
    row = each.row
    return {
        "name": row.name,
        "coach": row.coach_id,
        "base_model": row.base_model,
        "base_revision": row.base_revision,
        "done": each.done,
        "reused": each.reused,
        "timed": row.timed,
        "tokens_per_second": each.tokens_per_second,
        "drafts_per_minute": each.drafts_per_minute,
        "memory_bytes": row.memory,
        "device": row.device,
        "measured_at": row.measured_at,
        "problem": row.problem,
        "figures": FigureSerializer(each.figures, many=True).data,
    }


class BackboneList(APIView):
    """GET: the comparisons, newest first. POST coaches and base models: the comparison
    as it waits (202)."""

    parser_classes = (JsonBody,)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_SETUP)
        return Response(list(map(_listed, backbones.of_project(project)[:50])))

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        asked = BackboneRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        comparison = comparing_backbones.request(
            project=project, actor=request.user, **asked.validated_data
        )
        nudge(compare_backbones, comparison.pk)
        return Response(_told(comparison), status=202)


def _fetch(request: ApiRequest, slug: str, pk: int) -> BackboneComparison:
    project = project_for(request, slug, Deed.SEE_SETUP)
    found = BackboneComparison.objects.select_related("project")
    return get_object_or_404(found, project=project, pk=pk)


class BackboneStatus(APIView):
    """GET: one comparison, with all that is measured."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(_told(_fetch(request, slug, pk)))


class BackboneStep(APIView):
    """POST: cancel it, or go on with it."""

    step: Callable[..., None] = staticmethod(comparing_backbones.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        comparison = _fetch(request, slug, pk)
        self.step(comparison=comparison, actor=request.user)
        comparison.refresh_from_db()
        nudge(compare_backbones, pk)
        return Response(_told(comparison))
