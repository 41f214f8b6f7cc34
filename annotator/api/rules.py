"""Rule scripts: the list, runs, and what waits for a lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.serializers import (
    ProposalSerializer,
    RuleRunSerializer,
    RuleSerializer,
    TakeOrLeaveSerializer,
)
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import RuleRun
from annotator.selectors import rule_runs
from annotator.services import arranging_rules, proposing, running_rules
from annotator.tasks import nudge, run_rules

SHOWN = 1_000


def _told(run: RuleRun) -> dict[str, Any]:
    progress = asdict(rule_runs.progress(run))
    return {**RuleRunSerializer(run).data, "progress": progress}


class RuleList(APIView):
    """GET: the rules in order. PATCH one by its `key`: `is_on`, or `way` and
    `settings`."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        listed = arranging_rules.listed(project)
        return Response(RuleSerializer(listed, many=True).data)

    def patch(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        asked = RuleSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        about = {"project": project, "actor": request.user, "key": sent["key"]}
        if "is_on" in sent:
            arranging_rules.switch(**about, on=sent["is_on"])
        if "way" in sent or "settings" in sent:
            now = next(
                (r for r in arranging_rules.listed(project) if r.key == sent["key"]),
                None,
            )
            way = sent.get("way", now.way if now else "")
            settings = sent.get("settings", now.settings if now else {})
            arranging_rules.set_up(**about, way=way, settings=settings)
        return self.get(request, slug)


class RuleRunList(APIView):
    """GET: the runs, newest first. POST: begin one; 201."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        found = rule_runs.of_project(project).prefetch_related("counts")[:100]
        return Response([_told(run) for run in found])

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        run = running_rules.start(project=project, actor=request.user)
        nudge(run_rules, run.pk)
        return Response(_told(run), status=201)


class RuleRunStatus(APIView):
    """GET: one run, with what each rule made of the pairs."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(_told(_run(request, slug, pk)))


class RuleRunStep(APIView):
    """POST: cancel, resume or undo a run; the run."""

    step: Callable[..., None] = staticmethod(running_rules.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        run = _run(request, slug, pk)
        self.step(run=run, actor=request.user)
        nudge(run_rules, pk)
        run.refresh_from_db()
        return Response(_told(run))


class Proposals(APIView):
    """GET: what rules would set aside. POST `take` or `leave`: how many pairs."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        found = rule_runs.waiting(project)[:SHOWN]
        return Response(ProposalSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        asked = TakeOrLeaveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ((way, ids),) = asked.validated_data.items()
        decide = proposing.take if way == "take" else proposing.leave
        number = decide(
            project=project, actor=request.user, ids=None if ids == "all" else ids
        )
        return Response({"pairs": number})


def _run(request: ApiRequest, slug: str, pk: int) -> RuleRun:
    project = project_for(request, slug, Deed.IMPORT)
    found = RuleRun.objects.select_related("project").prefetch_related("counts")
    return get_object_or_404(found, pk=pk, project=project)
