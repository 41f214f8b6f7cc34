"""A project as a whole: archived, brought back, copied, deleted."""

from __future__ import annotations

from collections.abc import Callable

from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.serializers import ProjectSerializer
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.services import archiving, copying, deleting
from annotator.tasks import delete_projects, nudge


class CopySerializer(serializers.ModelSerializer):
    with_members = serializers.BooleanField(default=True)

    class Meta:
        model = Project
        fields = ("name", "slug", "with_members")


class TypedSerializer(serializers.Serializer):
    typed = serializers.CharField()


class ProjectStep(APIView):
    """POST: archive the project, or bring it back; the project."""

    step: Callable[..., None] = staticmethod(archiving.archive)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.DISPOSE)
        self.step(project=project, actor=request.user)
        project.refresh_from_db()
        return Response(ProjectSerializer(project).data)


class ProjectCopy(APIView):
    """POST a name and a short name: a project like this one, without pairs."""

    parser_classes = (JsonBody, FormParser)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.DISPOSE)
        sent = CopySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = copying.copy(
            project=project, actor=request.user, **dict(sent.validated_data)
        )
        return Response(ProjectSerializer(made).data, status=201)


class ProjectDeletion(APIView):
    """POST its short name as `typed`: a worker deletes the project for good (202)."""

    parser_classes = (JsonBody, FormParser)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.DISPOSE)
        sent = TypedSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        deleting.begin(project=project, actor=request.user, **sent.validated_data)
        nudge(delete_projects)
        return Response(status=202)
