"""The efficiency number: what the page stats/gain/ shows, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    FloatField,
    IntegerField,
    Serializer,
)
from rest_framework.views import APIView

from annotator.api.serializers import DayField
from annotator.api.views import ApiRequest, project_for
from annotator.domain.gain import estimate
from annotator.domain.roles import Deed
from annotator.selectors.gain import counting, report


class AskedSerializer(Serializer):
    """The filters of the page; days in the server's time zone."""

    since = DayField()
    until = DayField()
    person = CharField(required=False)
    batch = IntegerField(required=False)
    category = CharField(required=False, allow_blank=True)
    coach = IntegerField(required=False)
    machine_hour = FloatField(required=False, min_value=0, max_value=100)


class GainView(APIView):
    """GET: the figure, its groups, and the cells it is counted from."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.SEE_STATS)
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        machine_hour = sent.pop("machine_hour", 0.0)
        wanted = counting.CellFilter(**sent)
        found = report.report(project, wanted, machine_hour)
        priced = found.with_machine
        return Response(
            {
                "idle_seconds": project.idle_seconds,
                "control_share": project.control_share,
                **_told(found.gain),
                "with_quality_control": _told(found.with_quality),
                "with_quality_control_and_machine": _told(priced) if priced else None,
                "machine_seconds_a_coached_pair": found.machine_seconds,
                "training_seconds_an_accepted_pair": found.training_seconds_a_pair,
                "coach": asdict(found.costs),
                "not_settled": {
                    arm.value: asdict(each) for arm, each in found.waiting.items()
                },
                "groups": {
                    name: [{"name": each.label, **_told(each.gain)} for each in parts]
                    for name, parts in found.groups.items()
                },
                "cells": [asdict(cell) for cell in counting.cells(project, wanted)],
            }
        )


def _told(gain: estimate.Gain) -> dict[str, Any]:
    """Pairs; active seconds; accepted pairs a person-day of 8 active hours."""
    told = asdict(gain)
    told["intervals_over"] = "people" if told.pop("by_people") else "pairs"
    return told
