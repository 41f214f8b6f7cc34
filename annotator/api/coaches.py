"""Runs and coaches: what the coach pages show and do, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import downloads
from annotator.api.parsers import JsonBody
from annotator.api.serializers import (
    CoachSerializer,
    EvaluationSerializer,
    PointSerializer,
    PromotionSerializer,
    RunSerializer,
    SnapshotSerializer,
)
from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import coaching, installation, lineage
from annotator.services import (
    exchanging,
    fitting,
    projects,
    promoting,
    scheduling,
    snapshotting,
)
from annotator.tasks import draft_next_batch, nudge
from training import selectors
from training.models import CoachVersion, Promotion, TrainingRun
from training.tasks import start_next_run


def _given(request: ApiRequest) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise Invalid("Send a JSON object of settings.")
    return dict(request.data)


def _run(project: Project, pk: int) -> TrainingRun:
    return get_object_or_404(TrainingRun, pk=pk, scope=project.scope)


def _coach(project: Project, pk: int) -> CoachVersion:
    return get_object_or_404(CoachVersion, pk=pk, scope=project.scope)


class RunList(APIView):
    """GET: the training runs. POST what to learn from and how: start one."""

    parser_classes = (JsonBody,)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        found = selectors.runs(project.scope)[:100]
        return Response(RunSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        plan = snapshotting.plan_for(project, **_given(request))
        run = snapshotting.start_run(project=project, actor=request.user, plan=plan)
        nudge(start_next_run)
        return Response(RunSerializer(run).data, status=201)


class RunPreview(APIView):
    """POST what a run would learn from and how: the counts, and nothing starts."""

    parser_classes = (JsonBody,)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        plan = snapshotting.plan_for(project, **_given(request))
        preview = snapshotting.preview(project, plan)
        minutes = coaching.estimate(preview.tokens)
        fit = fitting.fit(plan.config)
        told = {
            "minutes": minutes,
            "folds_minutes": coaching.cross_fitting_minutes(
                preview.fold_tokens, preview.cross_fitted
            ),
            "memory_bytes": fit.likely,
            "does_not_fit": fit.why_not,
            "goes_on_from": plan.parent.pk if plan.parent else None,
            "config": plan.config.as_dict(),
        }
        return Response({**asdict(preview), **told})


class RunView(APIView):
    """GET: one run as it stands, with its snapshot, its curve and what was measured."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        watched = coaching.watch(_run(project, pk))
        evaluation, coach = watched.evaluation, watched.coach
        return Response(
            {
                **RunSerializer(watched.run).data,
                "snapshot": SnapshotSerializer(watched.run.snapshot).data,
                "points": PointSerializer(watched.run.points.all(), many=True).data,
                "tokens_per_second": watched.tokens_per_second,
                "seconds_left": watched.eta.total_seconds() if watched.eta else None,
                "coach": CoachSerializer(coach).data if coach else None,
                "evaluation": EvaluationSerializer(evaluation).data
                if evaluation
                else None,
            }
        )


class RunCancel(APIView):
    """POST: stop a run."""

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        run = _run(project, pk)
        promoting.cancel(project=project, actor=request.user, run=run)
        return Response(RunSerializer(run).data)


class RunResume(APIView):
    """POST: let a run that failed or was cancelled go on from its last checkpoint."""

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        run = promoting.resume(
            project=project, actor=request.user, run=_run(project, pk)
        )
        nudge(start_next_run)
        return Response(RunSerializer(run).data)


class CoachList(APIView):
    """GET: the coaches, which is active, and the promotion log, newest first. POST an
    adapter as a zip: it becomes a coach, and is evaluated."""

    parser_classes = (JsonBody, MultiPartParser)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        board = coaching.board(project)
        active = board.active
        found = selectors.coaches(project.scope)[:100]
        log = selectors.promotions(project.scope)[:100]
        told = installation.told()
        return Response(
            {
                "training": asdict(told) if told else None,
                "active": active.pk if active else None,
                "drafts": {
                    "written": board.written,
                    "refused": board.refused,
                    "mean_logprob": board.mean_logprob,
                },
                "coaches": CoachSerializer(found, many=True).data,
                "promotions": PromotionSerializer(log, many=True).data,
            }
        )

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = {"name": "", **asked.validated_data}
        file = sent.pop("file").file
        coach = exchanging.take_in(
            project=project, actor=request.user, file=file, **sent
        )
        nudge(start_next_run)
        told = {**CoachSerializer(coach).data, "run": coach.run_id}
        return Response(told, status=201)


class Coach(APIView):
    """GET: one coach with what it learned from and what became of its drafts."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        ancestry = lineage.of_coach(_coach(project, pk))
        run = ancestry.run
        return Response(
            {
                **CoachSerializer(ancestry.coach).data,
                "snapshot": SnapshotSerializer(run.snapshot).data if run else None,
                "people": [asdict(each) for each in ancestry.people],
                "trained": ancestry.trained,
                "held_out": ancestry.held_out,
                "tested_first": ancestry.tested_first,
                "drafts": ancestry.drafts,
                "reviews": ancestry.reviews,
                "exported": ancestry.exported,
                "evaluations": EvaluationSerializer(
                    ancestry.evaluations, many=True
                ).data,
            }
        )


class UploadSerializer(serializers.Serializer):
    """An adapter's zip; what is left out is told by its papers, or by the project."""

    file = serializers.FileField()
    name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    base_model = serializers.CharField(required=False, allow_blank=True, max_length=200)
    prompt = serializers.CharField(required=False, allow_blank=True, max_length=40)
    wording = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class Adapter(APIView):
    """GET: a coach's adapter as a zip that plain peft loads."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> HttpResponseBase:
        project = project_for(request, slug, Deed.EXPORT)
        coach = _coach(project, pk)
        return downloads.adapter(request._request, project, request.user, coach)


class Promote(APIView):
    """POST {"reason"}: make a coach the active one."""

    parser_classes = (JsonBody,)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        promotion = promoting.promote(
            project=project,
            actor=request.user,
            coach=_coach(project, pk),
            reason=str(_given(request).get("reason", "")),
        )
        return _changed(project, promotion)


class RollBack(APIView):
    """POST {"reason"}: the coach before the active one drafts again."""

    parser_classes = (JsonBody,)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        reason = str(_given(request).get("reason", ""))
        promotion = promoting.roll_back(
            project=project, actor=request.user, reason=reason
        )
        return _changed(project, promotion)


def _changed(project: Project, promotion: Promotion) -> Response:
    nudge(draft_next_batch, project.pk)
    return Response(PromotionSerializer(promotion).data)


class ScheduleView(APIView):
    """GET: what the next scheduled run waits for. POST {"paused"}: hold it, or not."""

    parser_classes = (JsonBody,)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        return Response(_told(project))

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.TRAIN)
        paused = _given(request).get("paused")
        if not isinstance(paused, bool):
            raise Invalid("Send {'paused': true} or {'paused': false}.")
        projects.pause_schedule(project=project, actor=request.user, paused=paused)
        return Response(_told(project))


def _told(project: Project) -> dict[str, Any]:
    schedule = scheduling.schedule(project)
    return {**asdict(schedule), "due": schedule.due}
