"""Model studies: ask for one, follow it, read it."""

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
from annotator.models import ModelStudy
from annotator.selectors import blind_ratings, blind_results, model_studies
from annotator.services import studying
from annotator.tasks import carry_out_study, nudge

FILE = "testset"
NAME_CHARS = 200


class ModelStudySerializer(serializers.ModelSerializer):
    asked = serializers.JSONField(read_only=True)
    waits_for_run = serializers.SerializerMethodField()

    class Meta:
        model = ModelStudy
        fields = (
            *("id", "name", "asked", "state", "stage", "arm", "seed", "done", "total"),
            *("seconds", "problem", "waits_for_run"),
            *("created_at", "started_at", "ended_at"),
        )

    def get_waits_for_run(self, study: ModelStudy) -> int | None:
        run = model_studies.waits_for(study)
        return run.pk if run else None


class ReadModelStudySerializer(ModelStudySerializer):
    """With all that was found, and what raters say of its answers by now."""

    document = serializers.JSONField(read_only=True)
    people = serializers.SerializerMethodField()

    class Meta:
        model = ModelStudy
        fields = (*ModelStudySerializer.Meta.fields, "document", "people")

    def get_people(self, study: ModelStudy) -> list[dict[str, Any]]:
        return blind_results.results(blind_ratings.of_study(study))


class ModelStudyList(APIView):
    """GET: the newest studies. POST an order (keys of docs/proof.md), as JSON or with a
    test set as a form: the study as it waits (202)."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_SETUP)
        found = model_studies.of_project(project)
        return Response(ModelStudySerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        asked, testset = _asked(request)
        study = studying.request(
            project=project,
            actor=request.user,
            order=studying.order_of(asked),
            testset=testset,
        )
        nudge(carry_out_study, study.pk)
        return Response(ModelStudySerializer(study).data, status=202)


def _asked(request: ApiRequest) -> tuple[dict[str, Any], Any]:
    """The order, and the test set that came with it; a form names an arm, a judge or a
    seed more than once."""
    if not hasattr(request.data, "items"):
        raise Invalid('An order is an object, such as {"arms": ["raw", "revised"]}.')
    asked = dict(request.data.items())
    if hasattr(request.data, "getlist"):
        for name in ("arms", "judges", "seeds"):
            asked[name] = " ".join(request.data.getlist(name))
    if not hasattr(asked.get(FILE), "read"):
        return asked, None
    testset = asked.pop(FILE)
    return {**asked, FILE: str(testset.name)[:NAME_CHARS]}, testset


def _fetch(request: ApiRequest, slug: str, pk: int) -> ModelStudy:
    project = project_for(request, slug, Deed.SEE_SETUP)
    found = ModelStudy.objects.select_related("project", "asked_by")
    found = found.defer("for_raters")
    return get_object_or_404(found, project=project, pk=pk)


class ModelStudyStatus(APIView):
    """GET: one study, with its document once it is done. DELETE one that has ended."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(ReadModelStudySerializer(_fetch(request, slug, pk)).data)

    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        study = _fetch(request, slug, pk)
        studying.delete(study=study, actor=request.user)
        return Response(status=204)


class ModelStudyStep(APIView):
    """POST: cancel it, or go on with it; the study."""

    step: Callable[..., None] = staticmethod(studying.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        study = _fetch(request, slug, pk)
        self.step(study=study, actor=request.user)
        study.refresh_from_db()
        nudge(carry_out_study, pk)
        return Response(ModelStudySerializer(study).data)
