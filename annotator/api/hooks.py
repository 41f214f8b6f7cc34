"""The project's webhook: what its page does, for programs."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import Hook, HookCall, Project
from annotator.services import hooks
from annotator.tasks import call_hook, nudge

SHOWN = 100


class HookSerializer(serializers.ModelSerializer[Hook]):
    """`secret` signs the calls; the rest says how the newest went."""

    class Meta:
        model = Hook
        fields = (
            *("url", "is_on", "secret"),
            *("failures", "called_at", "status", "problem"),
        )
        read_only_fields = fields[2:]


class HookView(APIView):
    """GET: the webhook, 404 where there is none. PUT: make or change it, `url` and
    `is_on` (true). DELETE: it with its calls."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        hook = _hook(project_for(request, slug, Deed.CHANGE_SETTINGS))
        return Response(HookSerializer(hook).data)

    def put(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.CHANGE_SETTINGS)
        is_new = not Hook.objects.filter(project=project).exists()
        sent = HookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        hook = hooks.choose(
            project=project,
            actor=request.user,
            url=sent.validated_data["url"],
            is_on=sent.validated_data.get("is_on", True),
        )
        return Response(HookSerializer(hook).data, status=201 if is_new else 200)

    def delete(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.CHANGE_SETTINGS)
        hooks.remove(project=project, actor=request.user)
        return Response(status=204)


class HookSecret(APIView):
    """POST: sign with a new secret from now on."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.CHANGE_SETTINGS)
        hook = hooks.renew_secret(project=project, actor=request.user)
        return Response(HookSerializer(hook).data)


class HookTest(APIView):
    """POST: send a call that says nothing happened; its row, before it went (202)."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.CHANGE_SETTINGS)
        made = hooks.send_test(project=project, actor=request.user)
        nudge(call_hook, made.pk)
        return Response(_told(made), status=202)


class HookCalls(APIView):
    """GET: the newest 100 calls, each with what it said and how far it is."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        hook = _hook(project_for(request, slug, Deed.CHANGE_SETTINGS))
        return Response([_told(each) for each in hook.calls.order_by("-pk")[:SHOWN]])


def _hook(project: Project) -> Hook:
    hook = Hook.objects.filter(project=project).first()
    if hook is None:
        raise Http404("This project has no webhook.")
    return hook


def _told(call: HookCall) -> dict[str, Any]:
    return {
        "id": call.pk,
        "key": call.key,
        "at": call.at,
        "tries": call.tries,
        "next_at": call.next_at,
        "body": json.loads(call.body),
    }
