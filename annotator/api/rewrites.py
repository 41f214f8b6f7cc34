"""Whole-dataset revisions: one class an operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.serializers import RewriteRequestSerializer, RewriteSerializer
from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats import json_pairs, jsonl_pairs
from annotator.models import Batch, Project, Rewrite
from annotator.selectors import rewrites
from annotator.services import rewriting
from annotator.tasks import nudge, rewrite_next


def _rewrite(request: ApiRequest, slug: str, pk: int) -> Rewrite:
    project = project_for(request, slug, Deed.REVISE)
    found = Rewrite.objects.select_related("coach", "project")
    return get_object_or_404(found, pk=pk, project=project)


def _told(rewrite: Rewrite) -> dict[str, Any]:
    progress = rewrites.progress(rewrite)
    counts = {**asdict(progress), "left": progress.left}
    return {**RewriteSerializer(rewrite).data, "progress": counts}


def _rows(project: Project, sent: dict[str, Any]) -> tuple[str, Any]:
    """The name and the rows of the dataset: a batch, a list, or a file."""
    if "batch" in sent:
        batch = Batch.objects.filter(project=project, pk=sent["batch"]).first()
        if batch is None:
            raise Invalid("This project has no such batch.")
        return batch.name, rewriting.rows_of_batch(batch)
    if "rows" in sent:
        return "rows", rewriting.rows_of_objects(sent["rows"])
    file = sent["file"]
    return file.name, rewriting.rows_of_file(file.file, file.name)


class RewriteList(APIView):
    """GET: the rewrites, newest first. POST a batch, rows or a file: start one."""

    parser_classes = (JsonBody, MultiPartParser)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.REVISE)
        found = rewrites.of_project(project)[:100]
        return Response(RewriteSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.REVISE)
        asked = RewriteRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        name, rows = _rows(project, sent)
        rewrite = rewriting.start(
            project=project,
            actor=request.user,
            coach=rewriting.coach_for(project, sent.get("coach")),
            name=sent.get("name") or name,
            rows=rows,
            leave_out_bad=sent["leave_out_bad"],
        )
        nudge(rewrite_next, rewrite.pk)
        return Response(_told(rewrite), status=201)


class RewriteStatus(APIView):
    """GET: one rewrite as it stands."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(_told(_rewrite(request, slug, pk)))


class RewriteStep(APIView):
    """POST: pause, resume or cancel, as the address says."""

    step: Callable[..., Rewrite] = staticmethod(rewriting.pause)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        rewrite = _rewrite(request, slug, pk)
        after = self.step(rewrite=rewrite, actor=request.user)
        nudge(rewrite_next, after.pk)
        return Response(_told(after))


class RewriteExport(APIView):
    """GET: the rows that are done, streamed as JSON lines, or `?as=json` a list."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> StreamingHttpResponse:
        rewrite = _rewrite(request, slug, pk)
        is_json = request.query_params.get("as") == "json"
        rows = rewriting.export_rows(rewrite=rewrite, actor=request.user)
        lines = (json_pairs if is_json else jsonl_pairs).write(rows)
        kind = "application/json" if is_json else "application/jsonl"
        response = StreamingHttpResponse(lines, content_type=kind)
        response["X-Rows-Not-Done"] = str(rewrites.progress(rewrite).left)
        return response
