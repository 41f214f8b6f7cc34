"""Drafts that another model wrote, sent in for pairs that are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.serializers import DraftsSerializer
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.services import bringing


class Drafts(APIView):
    """POST drafts by pair or by the id of a file: how many are stored and offered, and
    the places in the list of those whose pair is not here."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        sent = DraftsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked: dict[str, Any] = sent.validated_data
        given: Sequence[dict[str, Any]] = asked["drafts"]
        told = bringing.send(
            project=project,
            actor=request.user,
            model=asked["model"],
            version=asked["version"],
            drafts=given,
            batch=asked.get("batch"),
        )
        return Response(told)
