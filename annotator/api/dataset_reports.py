"""Dataset reports: ask for one, follow it, read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.dataset_reports import Source
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import DatasetReport
from annotator.selectors import blind_ratings, blind_results, dataset_reports
from annotator.services import dataset_reporting
from annotator.tasks import make_dataset_report, nudge

FILES = ("file", "raw_file")
NAME_CHARS = 200


class DatasetReportSerializer(serializers.ModelSerializer):
    asked = serializers.JSONField(read_only=True)

    class Meta:
        model = DatasetReport
        fields = (
            *("id", "name", "asked", "state", "stage", "done", "total", "problem"),
            *("created_at", "started_at", "ended_at"),
        )


class ReadDatasetReportSerializer(serializers.ModelSerializer):
    """With all that was found, and what raters say of its texts by now."""

    asked = serializers.JSONField(read_only=True)
    document = serializers.JSONField(read_only=True)
    people = serializers.SerializerMethodField()

    class Meta:
        model = DatasetReport
        fields = (*DatasetReportSerializer.Meta.fields, "document", "people")

    def get_people(self, report: DatasetReport) -> list[dict[str, Any]]:
        return blind_results.results(blind_ratings.of_report(report))


class DatasetReportList(APIView):
    """GET: the newest reports. POST an order (keys of docs/dataset_report.md), as JSON
    or with files as a form: the report as it waits (202)."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        found = dataset_reports.of_project(project)
        return Response(DatasetReportSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        asked, files = _asked(request)
        report = dataset_reporting.request(
            project=project,
            actor=request.user,
            order=dataset_reporting.order_of(asked),
            **files,
        )
        nudge(make_dataset_report, report.pk)
        return Response(DatasetReportSerializer(report).data, status=202)


def _asked(request: ApiRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The order, and the files that came with it; a form names a judge more than
    once."""
    if not hasattr(request.data, "items"):
        raise Invalid('An order is an object, such as {"source": "accepted"}.')
    asked = dict(request.data.items())
    if hasattr(request.data, "getlist"):
        asked["judges"] = request.data.getlist("judges")
    files = {
        name: asked.pop(name) for name in FILES if hasattr(asked.get(name), "read")
    }
    asked |= {name: str(file.name)[:NAME_CHARS] for name, file in files.items()}
    if files:
        asked.setdefault("source", Source.FILE)
    return asked, files


def _fetch(request: ApiRequest, slug: str, pk: int) -> DatasetReport:
    project = project_for(request, slug, Deed.SEE_STATS)
    found = DatasetReport.objects.select_related("project", "asked_by")
    found = found.defer("for_raters")
    return get_object_or_404(found, project=project, pk=pk)


class DatasetReportStatus(APIView):
    """GET: one report, with its document once it is made. DELETE one that has ended."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(ReadDatasetReportSerializer(_fetch(request, slug, pk)).data)

    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        report = _fetch(request, slug, pk)
        dataset_reporting.delete(report=report, actor=request.user)
        return Response(status=204)


class DatasetReportStep(APIView):
    """POST: cancel the making, or try again; the report."""

    step: Callable[..., None] = staticmethod(dataset_reporting.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        report = _fetch(request, slug, pk)
        self.step(report=report, actor=request.user)
        report.refresh_from_db()
        nudge(make_dataset_report, pk)
        return Response(DatasetReportSerializer(report).data)
