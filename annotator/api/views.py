"""One class an operation, on the services the screens use."""

from __future__ import annotations

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as AnyRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import policies
from annotator.api.serializers import (
    BatchSerializer,
    CountedBatchSerializer,
    ProjectSerializer,
    UploadSerializer,
)
from annotator.domain.roles import Deed
from annotator.domain.states import Stage
from annotator.models import Project, User
from annotator.selectors import offered, progress
from annotator.services import handing_out, mapping, queueing, receiving
from annotator.tasks import take_up


class ApiRequest(AnyRequest):
    """A request of a person who is logged in, as the permission class leaves it."""

    user: User


def project_for(request: ApiRequest, slug: str, deed: Deed | None = None) -> Project:
    """The project; 404 for outsiders, NotAllowed for a role that does not cover it."""
    project = get_object_or_404(Project, slug=slug)
    if policies.role_of(request.user, project) is None:
        raise Http404
    if deed is not None:
        policies.require(request.user, project, deed)
    return project


class ProjectList(APIView):
    """GET: the projects you may enter."""

    def get(self, request: ApiRequest) -> Response:
        found = [entry.project for entry in progress.projects_of(request.user)]
        return Response(ProjectSerializer(found, many=True).data)


class ProgressView(APIView):
    """GET: pairs by state, and what you can take of them now."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug)
        queueing.release_expired(project, at_most=queueing.MOST_RELEASED)
        steps = progress.funnel(project)
        pairs = {step.state.value: step.count for step in steps}
        return Response({"pairs": pairs, "yours": _yours(project, request.user)})


def _yours(project: Project, person: User) -> dict[str, object]:
    mine = {stage.value: offered.mine(project, person, stage) for stage in Stage}
    return {
        **{stage: {"now": m.now, "soon": m.soon} for stage, m in mine.items()},
        "adjudicate": {"now": offered.to_adjudicate(project, person), "soon": 0},
    }


class Import(APIView):
    """GET: the batches, newest first, with counts of pairs now excluded and accepted.
    POST a file of pairs: the batch, with the rows that could not be used (201); of a
    large file the batch as it waits to be read (202). `dry_run`: nothing is stored, the
    batch has a `report`, and asks whether it is to be read."""

    parser_classes = (MultiPartParser,)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        found = progress.batches(project)[:100]
        return Response(CountedBatchSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        sent = UploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        batch = receiving.receive(
            project=project,
            actor=request.user,
            file=asked["file"].file,
            name=asked["file"].name,
            way=mapping.way_of(asked),
            revised_as_accepted=asked["revised_as_accepted"],
        )
        status = 201 if take_up(batch) else 202
        batch.refresh_from_db()
        return Response(BatchSerializer(batch).data, status=status)


class Export(APIView):
    """GET: the accepted pairs as JSON lines, streamed."""

    def get(self, request: ApiRequest, slug: str) -> StreamingHttpResponse:
        project = project_for(request, slug, Deed.EXPORT)
        lines = handing_out.jsonl(project=project, actor=request.user)
        return StreamingHttpResponse(lines, content_type="application/jsonl")


class ExportManifest(APIView):
    """GET: what the export of this moment holds."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.EXPORT)
        return Response(handing_out.manifest(project=project, actor=request.user))
