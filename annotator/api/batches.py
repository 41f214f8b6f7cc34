"""One import: what became of its rows, and the revisions that wait for a decision."""

from __future__ import annotations

from collections.abc import Callable

from django.shortcuts import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.serializers import (
    BatchSerializer,
    MappingSerializer,
    OfferSerializer,
    TakeOrLeaveSerializer,
)
from annotator.api.views import ApiRequest, project_for
from annotator.domain.roles import Deed
from annotator.models import Batch
from annotator.services import importing, mapping, offering, taking_out
from annotator.tasks import nudge, read_imports, take_up

SHOWN = 1_000
FIRST_ROWS = 5


def _batch(request: ApiRequest, slug: str, pk: int) -> Batch:
    project = project_for(request, slug, Deed.IMPORT)
    return get_object_or_404(Batch, project=project, pk=pk)


class BatchStatus(APIView):
    """GET: one batch, with the first rows that could not be used."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        return Response(BatchSerializer(_batch(request, slug, pk)).data)


class BatchStep(APIView):
    """POST: cancel the reading, or try a failed one again; the batch."""

    step: Callable[..., None] = staticmethod(importing.cancel)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        batch = _batch(request, slug, pk)
        self.step(batch=batch, actor=request.user)
        batch.refresh_from_db()
        nudge(read_imports)
        return Response(BatchSerializer(batch).data)


class BatchMapping(APIView):
    """GET: the columns and first rows of a batch that asks, with the mapping to begin
    with. POST a mapping: the batch is read by it, or tried with `dry_run`."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        batch = _batch(request, slug, pk)
        first = mapping.sample(batch)
        return Response(
            {
                "columns": first.columns,
                "rows": first.rows[:FIRST_ROWS],
                "mapping": mapping.offered(batch, first).as_dict(),
                "is_remembered": mapping.remembered(batch, first) is not None,
            }
        )

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        batch = _batch(request, slug, pk)
        asked = MappingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data.get("mapping")
        batch = mapping.settle(
            batch=batch,
            actor=request.user,
            mapping=None if told is None else mapping.checked(told),
            is_dry=asked.validated_data["dry_run"],
        )
        status = 200 if take_up(batch) else 202
        batch.refresh_from_db()
        return Response(BatchSerializer(batch).data, status=status)


class BatchOut(APIView):
    """POST: take the batch out again, with its pairs, while nobody has touched them."""

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        batch = _batch(request, slug, pk)
        count = taking_out.take_out(batch=batch, actor=request.user)
        return Response({"pairs": count})


class Revisions(APIView):
    """GET: revisions that came for pairs that are here; `?waiting=1`: undecided ones.
    POST `take` or `leave`: how many came to which outcome."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        offers = _batch(request, slug, pk).offers.order_by("row", "pk")
        if request.query_params.get("waiting"):
            offers = offers.waiting()
        return Response(OfferSerializer(offers[:SHOWN], many=True).data)

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        batch = _batch(request, slug, pk)
        asked = TakeOrLeaveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ((way, ids),) = asked.validated_data.items()
        decide = offering.take if way == "take" else offering.leave
        told = decide(
            batch=batch, actor=request.user, offers=None if ids == "all" else ids
        )
        return Response(told)
