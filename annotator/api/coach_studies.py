"""Coach studies: ask for one, follow it, read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import CoachStudy
from annotator.selectors import coach_studies
from annotator.services import coach_studying
from annotator.tasks import carry_out_coach_study, nudge


class CoachStudySerializer(serializers.ModelSerializer):
    asked = serializers.JSONField(read_only=True)
    waits_for_run = serializers.SerializerMethodField()

    class Meta:
        model = CoachStudy
        fields = (
            *("id", "name", "asked", "state", "stage", "point", "seed", "done"),
            *("total", "seconds", "problem", "waits_for_run"),
            *("created_at", "started_at", "ended_at"),
        )

    def get_waits_for_run(self, study: CoachStudy) -> int | None:
        run = coach_studies.waits_for(study)
        return run.pk if run else None


class ReadCoachStudySerializer(CoachStudySerializer):
    """With all that was found."""

    document = serializers.JSONField(read_only=True)

    class Meta:
        model = CoachStudy
        fields = (*CoachStudySerializer.Meta.fields, "document")


class CoachStudyList(APIView):
    """GET: the newest studies. POST an order (keys of docs/proof.md): the study as it
    waits (202)."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_SETUP)
        found = coach_studies.of_project(project)
        return Response(CoachStudySerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        study = coach_studying.request(
            project=project,
            actor=request.user,
            order=coach_studying.order_of(_asked(request)),
        )
        nudge(carry_out_coach_study, study.pk)
        return Response(CoachStudySerializer(study).data, status=202)


def _asked(request: ApiRequest) -> dict[str, Any]:
    if not hasattr(request.data, "items"):
        raise Invalid('An order is an object, such as {"kind": "size"}.')
    return dict(request.data.items())


def _fetch(request: ApiRequest, slug: str, pk: int) -> CoachStudy:
    project = project_for(request, slug, Deed.SEE_SETUP)
    found = CoachStudy.objects.select_related("project", "asked_by")
    return get_object_or_404(found, project=project, pk=pk)


class CoachStudyStatus(APIView):
    """GET: one study, with its document once it is done. DELETE one that has ended."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(ReadCoachStudySerializer(_fetch(request, slug, pk)).data)

    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        study = _fetch(request, slug, pk)
        coach_studying.delete(study=study, actor=request.user)
        return Response(status=204)


class CoachStudyStep(APIView):
    """POST: cancel it, or go on with it; the study."""

    step: Callable[..., None] = staticmethod(coach_studying.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        study = _fetch(request, slug, pk)
        self.step(study=study, actor=request.user)
        study.refresh_from_db()
        nudge(carry_out_coach_study, pk)
        return Response(CoachStudySerializer(study).data)
