"""Coaches tried side by side: what their pages show and do, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.views import ApiRequest, project_for
from annotator.domain.line_ends import with_newlines
from annotator.domain.roles import Deed
from annotator.models import Audition
from annotator.selectors import auditions
from annotator.services import auditioning
from annotator.tasks import audition_next, nudge
from revision_engine.types import PairText


class _Typed(serializers.Serializer):
    instruction = serializers.CharField(trim_whitespace=False)
    input = serializers.CharField(
        trim_whitespace=False, required=False, allow_blank=True, default=""
    )
    response = serializers.CharField(trim_whitespace=False)


class AuditionRequest(serializers.Serializer):
    """Which coaches, and one of a draw, a pair's number and a text."""

    coaches = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=100
    )
    draw = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    pair = serializers.IntegerField(required=False, min_value=1)
    text = _Typed(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"draw", "pair", "text"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Give one of draw, pair and text.")
        return attrs


def _told(audition: Audition) -> dict[str, Any]:
    board = auditions.board(audition)
    return {
        "id": audition.pk,
        "state": audition.state,
        "draw": audition.draw,
        "created_at": audition.created_at,
        "finished_at": audition.finished_at,
        "done": board.done,
        "total": board.total,
        "coaches": [
            {**asdict(each), "coach": each.coach.pk, "name": each.coach.name}
            for each in board.coaches
        ],
        "pairs": [_pair(each) for each in board.pairs],
    }


def _pair(heard: auditions.HeardPair) -> dict[str, Any]:
    return {
        "pair": heard.row.number,
        "raw": asdict(heard.row.text),
        "drafts": [_draft(each) for each in heard.drafts],
    }


def _draft(heard: auditions.HeardDraft) -> dict[str, Any]:
    row = heard.row
    is_done = row.state == row.State.DONE
    return {
        "coach": row.coach_id,
        "state": row.state,
        "text": asdict(row.text) if is_done else None,
        "problem": row.problem,
        "was_trained_on": row.was_trained_on,
        "helpfulness": row.helpfulness,
        "is_held_back": row.is_held_back,
        "mean_logprob": row.mean_logprob,
        "new_tokens": row.new_tokens if is_done else None,
        "seconds": row.seconds if is_done else None,
    }


class AuditionList(APIView):
    """GET: the auditions, newest first. POST coaches and what to draft: begin one."""

    parser_classes = (JsonBody,)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        names = ("id", "state", "draw", "created_at", "finished_at", "done", "total")
        return Response(list(auditions.of_project(project).values(*names)[:100]))

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        asked = AuditionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        chosen = {"project": project, "actor": request.user, "coaches": sent["coaches"]}
        if "text" in sent:
            text = with_newlines(PairText(**sent["text"]))
            audition = auditioning.begin_typed(**chosen, text=text)
        elif "pair" in sent:
            audition = auditioning.begin_pair(**chosen, number=sent["pair"])
        else:
            audition = auditioning.begin_draw(**chosen, draw=sent["draw"])
        nudge(audition_next, audition.pk)
        return Response(_told(audition), status=201)


def _audition(request: ApiRequest, slug: str, pk: int) -> Audition:
    project = project_for(request, slug, Deed.PROMOTE)
    found = Audition.objects.select_related("project")
    return get_object_or_404(found, pk=pk, project=project)


class AuditionStatus(APIView):
    """GET: one audition, with every draft that has come."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(_told(_audition(request, slug, pk)))


class AuditionCancel(APIView):
    """POST: ask for nothing more."""

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        audition = _audition(request, slug, pk)
        return Response(
            _told(auditioning.cancel(audition=audition, actor=request.user))
        )
