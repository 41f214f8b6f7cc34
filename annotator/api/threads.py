"""Comments on a pair: the same threads that its page and both desks show."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.models import Comment, Pair
from annotator.selectors import pairs, threads
from annotator.selectors.threads import CommentThread, Said
from annotator.services import commenting, telling
from annotator.services.commenting import Place


class CommentSerializer(serializers.Serializer[Comment]):
    """What is to be said, and where; how long it may be is the service's question."""

    body = serializers.CharField(trim_whitespace=False, allow_blank=True)
    to = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    field = serializers.CharField(default="", allow_blank=True)
    quote = serializers.CharField(
        default="", allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    deed = serializers.UUIDField(required=False)


def _thread(thread: CommentThread) -> dict[str, Any]:
    first = thread.first.comment
    return {
        "id": first.pk,
        "field": first.field,
        "quote": thread.first.quote,
        "is_resolved": thread.is_resolved,
        "resolved_by": first.resolved_by and first.resolved_by.get_username(),
        "resolved_at": first.resolved_at,
        "comments": [_said(each) for each in (thread.first, *thread.replies)],
    }


def _said(said: Said) -> dict[str, Any]:
    made = said.comment
    return {
        "id": made.pk,
        "by": None if said.is_nameless else made.author.get_username(),
        "body": made.body,
        "at": made.created_at,
    }


class ThreadList(APIView):
    """GET: what is said about a pair, open threads first, and `names` that can be
    mentioned; your news of it counts as read. POST: `body`, with `field` and `quote` a
    new thread there, with `to` (any comment of it) a reply (201)."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        pair = _pair(request, slug, pk)
        telling.heard(request.user, pair.pk)
        return Response(_answer(request, pair))

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        pair = _pair(request, slug, pk)
        sent = CommentSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        of_pair = Comment.objects.filter(pair=pair).select_related("parent", "pair")
        made = commenting.comment(
            pair=pair,
            author=request.user,
            body=asked["body"],
            to=get_object_or_404(of_pair, pk=asked["to"]) if "to" in asked else None,
            place=Place(field=asked["field"], quote=asked["quote"]),
            deed=asked.get("deed"),
        )
        told = made.mentions.order_by("person__username")
        mentioned = list(told.values_list("person__username", flat=True))
        answer = {"id": made.pk, "mentioned": mentioned, **_answer(request, pair)}
        return Response(answer, status=201)


class ThreadStep(APIView):
    """POST: `resolve` or `reopen` a thread, by the number of its first comment."""

    is_resolved = True

    def post(self, request: ApiRequest, slug: str, pk: int, thread: int) -> Response:
        pair = _pair(request, slug, pk)
        found = get_object_or_404(Comment.objects.filter(pair=pair), pk=thread)
        found.pair = pair
        commenting.resolve(
            comment=found, person=request.user, is_resolved=self.is_resolved
        )
        return Response(_answer(request, pair))


def _pair(request: ApiRequest, slug: str, pk: int) -> Pair:
    project = project_for(request, slug)
    return get_object_or_404(pairs.seen_by(request.user, project), pk=pk)


def _answer(request: ApiRequest, pair: Pair) -> dict[str, Any]:
    found = threads.of_pair(pair, request.user)
    return {"threads": [_thread(each) for each in found], "names": threads.names(pair)}
