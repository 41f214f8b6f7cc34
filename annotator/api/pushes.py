"""A coach's adapter on its way to a hub."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import AdapterPush
from annotator.services import pushing
from annotator.tasks import nudge, push_adapter
from training.models import CoachVersion

SHOWN = 20


class PushSerializer(serializers.ModelSerializer):
    class Meta:
        model = AdapterPush
        fields = (
            *("id", "coach", "repository", "state", "address", "problem"),
            *("created_at", "started_at", "ended_at"),
        )


class PushList(APIView):
    """GET: the newest pushes of a coach's adapter. POST: ask for one (202)."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.SEE_SETUP)
        coach = get_object_or_404(CoachVersion, pk=pk, scope=project.scope)
        found = AdapterPush.objects.filter(coach=coach).order_by("-pk")[:SHOWN]
        return Response(PushSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        coach = get_object_or_404(CoachVersion, pk=pk, scope=project.scope)
        push = pushing.request(project=project, actor=request.user, coach=coach)
        nudge(push_adapter, push.pk)
        return Response(PushSerializer(push).data, status=202)
