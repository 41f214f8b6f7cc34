"""Exports: ask for one, follow it, fetch the file and its manifest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import downloads
from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Export
from annotator.services import exporting
from annotator.tasks import nudge, write_export

SHOWN = 100


class ExportSerializer(serializers.ModelSerializer):
    asked = serializers.JSONField(read_only=True)
    manifest = serializers.JSONField(read_only=True)
    name = serializers.CharField(read_only=True)
    is_there = serializers.SerializerMethodField()

    def get_is_there(self, export: Export) -> bool:
        """Whether the file can be fetched."""
        return bool(export.kept)

    class Meta:
        model = Export
        fields = (
            *("id", "name", "asked", "state", "pairs", "done", "rows", "size"),
            *("sha256", "problem", "created_at", "started_at", "ended_at"),
            *("is_there", "forgotten_at", "manifest"),
        )


class ExportList(APIView):
    """GET: the newest exports. POST an order (keys of docs/files.md): the export as it
    waits (202)."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.EXPORT)
        found = project.exports.select_related("project").order_by("-pk")[:SHOWN]
        return Response(ExportSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.EXPORT)
        order = exporting.order_of(_asked(request))
        export = exporting.request(project=project, actor=request.user, order=order)
        nudge(write_export, export.pk)
        return Response(ExportSerializer(export).data, status=202)


class ExportCount(APIView):
    """POST an order: how many pairs it would take up now; nothing is written."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.EXPORT)
        order = exporting.order_of(_asked(request))
        pairs = exporting.count(project=project, actor=request.user, order=order)
        return Response({"pairs": pairs})


def _asked(request: ApiRequest) -> dict[str, Any]:
    """The order, from JSON or a form; a form knows no numbers and no truth."""
    if not hasattr(request.data, "items"):
        raise Invalid('An order is an object, such as {"shape": "alpaca"}.')
    asked = dict(request.data.items())
    if asked.get("gzip") in ("true", "1", "false", "0"):
        asked["gzip"] = asked["gzip"] in ("true", "1")
    return asked


def _fetch(request: ApiRequest, slug: str, pk: int) -> Export:
    project = project_for(request, slug, Deed.EXPORT)
    found = Export.objects.select_related("project")
    return get_object_or_404(found, project=project, pk=pk)


class ExportStatus(APIView):
    """GET: one export, with its manifest once it is written."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(ExportSerializer(_fetch(request, slug, pk)).data)


class ExportStep(APIView):
    """POST: cancel the writing, or write it anew; the export."""

    step: Callable[..., None] = staticmethod(exporting.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        export = _fetch(request, slug, pk)
        self.step(export=export, actor=request.user)
        export.refresh_from_db()
        nudge(write_export, pk)
        return Response(ExportSerializer(export).data)


class ExportedFile(APIView):
    """GET: the file, or one range of it."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> HttpResponseBase:
        return downloads.exported(request._request, _fetch(request, slug, pk))
