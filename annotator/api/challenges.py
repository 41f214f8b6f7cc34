"""Challenges on live work: one class an operation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.parsers import JsonBody
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import challenges
from annotator.services import challenging
from annotator.tasks import draft_next_batch, nudge
from training import selectors
from training.models import Challenge, CoachVersion


class StartSerializer(serializers.Serializer):
    """Share and reviews are the project's where they are not given."""

    coach = serializers.IntegerField()
    share = serializers.FloatField(required=False, min_value=0.01, max_value=0.99)
    needed = serializers.IntegerField(required=False, min_value=10, max_value=100_000)


class EndSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(Challenge.Outcome.values)
    reason = serializers.CharField(required=False, default="", allow_blank=True)


class ChallengeSerializer(serializers.ModelSerializer):
    champion = serializers.CharField(source="champion.name")
    challenger = serializers.CharField(source="challenger.name")

    class Meta:
        model = Challenge
        fields = (
            "id",
            "champion",
            "challenger",
            "share",
            "needed",
            "started_at",
            "ended_at",
            "outcome",
            "reason",
        )


def _told(challenge: Challenge) -> dict[str, Any]:
    """The challenge with its counts, figures (95 % intervals) and verdict."""
    trial = challenges.trial(challenge)
    sides = {"champion": trial.champion, "challenger": trial.challenger}
    return {
        **ChallengeSerializer(challenge).data,
        "counts": {
            name: {"drafts": side.drafts, "reviews": side.reviews}
            for name, side in sides.items()
        },
        "people": trial.people,
        "intervals_over": "people" if trial.by_people else "reviews",
        "figures": [asdict(figure) for figure in trial.figures],
        "verdict": asdict(trial.verdict),
    }


def _challenge(project: Project, pk: int) -> Challenge:
    return get_object_or_404(selectors.challenges(project.scope), pk=pk)


class ChallengeList(APIView):
    """GET: the challenges, newest first. POST a coach: put it on trial."""

    parser_classes = (JsonBody, FormParser)

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        found = selectors.challenges(project.scope)[:100]
        return Response(ChallengeSerializer(found, many=True).data)

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        challenge = challenging.start(
            project=project,
            actor=request.user,
            challenger=get_object_or_404(
                CoachVersion, pk=sent["coach"], scope=project.scope
            ),
            share=sent.get("share"),
            needed=sent.get("needed"),
        )
        nudge(draft_next_batch, project.pk)
        return Response(_told(challenge), status=201)


class ChallengeStatus(APIView):
    """GET: one challenge as it stands."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        return Response(_told(_challenge(project, pk)))


class ChallengeEnd(APIView):
    """POST an outcome (won, lost, stopped) and a reason."""

    parser_classes = (JsonBody, FormParser)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        project = project_for(request, slug, Deed.PROMOTE)
        asked = EndSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        challenge = challenging.end(
            project=project,
            actor=request.user,
            challenge=_challenge(project, pk),
            **asked.validated_data,
        )
        nudge(draft_next_batch, project.pk)
        return Response(_told(challenge))
