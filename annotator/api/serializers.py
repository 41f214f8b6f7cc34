"""What the API takes and gives, field by field."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from annotator.domain.periods import FIRST_DAY, LAST_DAY
from annotator.models import (
    Batch,
    OfferedRevision,
    Project,
    Rewrite,
    RowReject,
    RowRemark,
)
from annotator.selectors import imports
from training.models import (
    CoachVersion,
    Evaluation,
    EvaluationFigure,
    Promotion,
    RunPoint,
    Snapshot,
    TrainingRun,
)


class DayField(serializers.DateField):
    """A day that can be asked for; none at the calendar's edges."""

    def __init__(self) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(required=False, validators=limits)


class ProjectSerializer(serializers.ModelSerializer):
    class Meta:
        model = Project
        fields = ("slug", "name", "description", "language")


class RejectSerializer(serializers.ModelSerializer):
    class Meta:
        model = RowReject
        fields = ("row", "message", "source")


class RemarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = RowRemark
        fields = ("row", "message")


class BatchSerializer(serializers.ModelSerializer):
    """A batch with the first rows that were refused, and the first remarks."""

    extra_columns = serializers.JSONField(read_only=True)
    rejects = RejectSerializer(many=True, read_only=True)
    remarks = RemarkSerializer(many=True, read_only=True)
    revisions_waiting = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    def get_progress(self, batch: Batch) -> dict[str, Any]:
        return asdict(imports.progress(batch))

    def get_revisions_waiting(self, batch: Batch) -> int:
        return batch.offers.waiting().count()

    class Meta:
        model = Batch
        fields = (
            "id",
            "name",
            "sha256",
            "created_at",
            "rows",
            "imported",
            "duplicates",
            "rejected",
            "rejects",
            "remarked",
            "remarks",
            "extra_columns",
            "revisions_waiting",
            "progress",
            "problem",
        )


class CountedBatchSerializer(serializers.ModelSerializer):
    """A batch with how many of its pairs are excluded and accepted now."""

    excluded = serializers.IntegerField()
    accepted = serializers.IntegerField()
    revisions_waiting = serializers.IntegerField()
    extra_columns = serializers.JSONField(read_only=True)

    class Meta:
        model = Batch
        fields = (
            *("id", "name", "sha256", "created_at", "rows", "imported", "duplicates"),
            *("rejected", "remarked", "excluded", "accepted", "revisions_waiting"),
            "extra_columns",
        )


class OfferSerializer(serializers.ModelSerializer):
    class Meta:
        model = OfferedRevision
        fields = (
            *("id", "pair", "row", "instruction", "input", "response", "at"),
            *("outcome", "decided_at"),
        )


class TakeOrLeaveSerializer(serializers.Serializer):
    """`take` or `leave`: ids of revisions, or "all" that wait."""

    take = serializers.JSONField(required=False)
    leave = serializers.JSONField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of take and leave.")
        return attrs

    def validate_take(self, value: Any) -> Any:
        ids = value if isinstance(value, list) else []
        if value != "all" and not (ids and all(type(pk) is int for pk in ids)):
            raise serializers.ValidationError('Give a list of ids, or "all".')
        return value

    validate_leave = validate_take


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField()
    revised_as_accepted = serializers.BooleanField(default=False)


class RewriteRequestSerializer(serializers.Serializer):
    """What to revise: a batch, rows or a file; by the active coach or another."""

    batch = serializers.IntegerField(required=False)
    rows = serializers.ListField(child=serializers.JSONField(), required=False)
    file = serializers.FileField(required=False)
    coach = serializers.IntegerField(required=False)
    name = serializers.CharField(required=False, max_length=200)
    leave_out_bad = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"batch", "rows", "file"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Give one of batch, rows and file.")
        return attrs


class RewriteSerializer(serializers.ModelSerializer):
    coach = serializers.CharField(source="coach.name")
    adapter_sha256 = serializers.CharField(source="coach.adapter_sha256")
    remarks = serializers.JSONField(read_only=True)

    class Meta:
        model = Rewrite
        fields = (
            "id",
            "name",
            "state",
            "coach",
            "adapter_sha256",
            "left_out",
            "remarks",
            "created_at",
            "finished_at",
        )


class RunSerializer(serializers.ModelSerializer):
    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "state",
            "step",
            "steps",
            "evaluated",
            "to_evaluate",
            "parent",
            "config",
            "gate",
            "takes_over",
            "created_at",
            "started_at",
            "ended_at",
            "problem",
        )


class SnapshotSerializer(serializers.ModelSerializer):
    class Meta:
        model = Snapshot
        fields = ("sha256", "query", "selection", "offered", "created_at")


class PointSerializer(serializers.ModelSerializer):
    class Meta:
        model = RunPoint
        fields = ("kind", "step", "epoch", "loss", "rate", "tokens", "seconds")


class FigureSerializer(serializers.ModelSerializer):
    class Meta:
        model = EvaluationFigure
        fields = ("name", "side", "category", "value", "low", "high", "unit", "n")


class EvaluationSerializer(serializers.ModelSerializer):
    figures = FigureSerializer(many=True)

    class Meta:
        model = Evaluation
        fields = (
            "id",
            "current",
            "outcome",
            "reasons",
            "held_out_sha256",
            "examples",
            "seconds",
            "created_at",
            "figures",
        )


class CoachSerializer(serializers.ModelSerializer):
    class Meta:
        model = CoachVersion
        fields = (
            "id",
            "number",
            "name",
            "run",
            "base_model",
            "base_revision",
            "adapter_sha256",
            "prompt",
            "wording",
            "created_at",
        )


class PromotionSerializer(serializers.ModelSerializer):
    actor: Any = serializers.StringRelatedField()

    class Meta:
        model = Promotion
        fields = (
            "at",
            "coach",
            "previous",
            "evaluation",
            "way",
            "actor",
            "reason",
        )
