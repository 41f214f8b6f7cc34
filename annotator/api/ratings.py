"""Blind ratings by people: order one, follow it, read what they say."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import BlindRating, DatasetReport, ModelStudy, Project
from annotator.selectors import blind_ratings, blind_results
from annotator.services import asking_raters


class RatingList(APIView):
    """GET: how far all orders are. POST an order (keys of docs/proof.md) with the
    number of a `report` or a `study`: the order (201)."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        return Response([_told(each) for each in blind_ratings.of_project(project)])

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.HAVE_RATED)
        rating = _ask(request, project)
        [stand] = blind_ratings.stands(BlindRating.objects.filter(pk=rating.pk))
        return Response(_told(stand), status=201)


def _told(stand: blind_ratings.Stand) -> dict[str, Any]:
    rating = stand.rating
    return {
        "id": rating.pk,
        "report": rating.report_id,
        "study": rating.study_id,
        "mode": rating.mode,
        "one": rating.one,
        "other": rating.other,
        "pairs": stand.pairs,
        "raters": rating.raters,
        "people": stand.people,
        "answers": stand.answers,
        "wanted": stand.wanted,
        "passed": stand.passed,
        "asked_at": rating.created_at,
        "ended_at": rating.ended_at,
    }


def _ask(request: ApiRequest, project: Project) -> BlindRating:
    if not hasattr(request.data, "items"):
        raise Invalid(
            gettext("An order is an object, such as %(such)s.")
            % {"such": '{"report": 1, "people": ["ada"], "raters": 1}'}
        )
    asked = dict(request.data.items())
    if hasattr(request.data, "getlist"):
        asked["people"] = request.data.getlist("people")
    report, study = asked.pop("report", None), asked.pop("study", None)
    if (report is None) == (study is None):
        raise Invalid(gettext("Name a report or a study by its number, and not both."))
    order = asking_raters.order_of(asked)
    if report is not None:
        found = DatasetReport.objects.filter(project=project)
        chosen = get_object_or_404(found, pk=_number("report", report))
        return asking_raters.of_report(report=chosen, actor=request.user, order=order)
    studies = ModelStudy.objects.filter(project=project)
    meant = get_object_or_404(studies, pk=_number("study", study))
    return asking_raters.of_study(study=meant, actor=request.user, order=order)


def _number(name: str, typed: object) -> int:
    try:
        return int(str(typed))
    except ValueError:
        raise Invalid(
            gettext("%(name)s must be a whole number, got %(typed)s.")
            % {"name": name, "typed": repr(typed)}
        ) from None


def _fetch(request: ApiRequest, slug: str, pk: int, deed: Deed) -> BlindRating:
    project = project_for(request, slug, deed)
    found = BlindRating.objects.select_related("project")
    return get_object_or_404(found, project=project, pk=pk)


class RatingStatus(APIView):
    """GET: one order with what its raters say by now. DELETE it with all of that."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        rating = _fetch(request, slug, pk, Deed.SEE_STATS)
        stands = blind_ratings.stands(BlindRating.objects.filter(pk=rating.pk))
        [found] = blind_results.results(stands)
        return Response({**_told(stands[0]), **found})

    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        rating = _fetch(request, slug, pk, Deed.HAVE_RATED)
        asking_raters.delete(rating=rating, actor=request.user)
        return Response(status=204)


class RatingEnd(APIView):
    """POST: hand out nothing any more; the order."""

    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        rating = _fetch(request, slug, pk, Deed.HAVE_RATED)
        asking_raters.end(rating=rating, actor=request.user)
        [stand] = blind_ratings.stands(BlindRating.objects.filter(pk=rating.pk))
        return Response(_told(stand))
