"""What the API takes and gives, field by field."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from annotator.domain.periods import FIRST_DAY, LAST_DAY
from annotator.formats.encodings import NAMES
from annotator.formats.rows import MAX_FIELD_CHARS
from annotator.models import (
    Batch,
    OfferedRevision,
    Project,
    ProjectRule,
    Rewrite,
    RowReject,
    RowRemark,
    RuleCount,
    RuleProposal,
    RuleRun,
)
from annotator.selectors import imports, installation
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
        fields = ("slug", "name", "description", "language", "archived_at")


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
    mapping = serializers.JSONField(read_only=True)
    report = serializers.JSONField(read_only=True)
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
            "updated",
            "duplicates",
            "rejected",
            "rejects",
            "remarked",
            "remarks",
            "extra_columns",
            "revisions_waiting",
            "mapping",
            "same_id",
            "report",
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


class ImportOptionsSerializer(serializers.Serializer):
    """How a file is to be read: `mapping` as JSON in a text, as forms send it.

    `asks`: a file of unknown columns waits for word; `asks_first`: any file does.
    """

    revised_as_accepted = serializers.BooleanField(default=False)
    asks = serializers.BooleanField(default=False)
    asks_first = serializers.BooleanField(default=False)
    mapping = serializers.CharField(required=False)
    dry_run = serializers.BooleanField(default=False)
    same_id = serializers.ChoiceField(
        choices=Batch.SameId.choices, default=Batch.SameId.ADD
    )
    encoding = serializers.ChoiceField(choices=NAMES, default="", allow_blank=True)


class DraftSerializer(serializers.Serializer):
    """One draft of a pair, named by our number or by the id of its file."""

    pair = serializers.IntegerField(required=False, min_value=1)
    id = serializers.CharField(required=False, max_length=200)
    instruction = serializers.CharField(
        required=False, trim_whitespace=False, max_length=MAX_FIELD_CHARS
    )
    input = serializers.CharField(
        required=False,
        trim_whitespace=False,
        allow_blank=True,
        max_length=MAX_FIELD_CHARS,
    )
    response = serializers.CharField(trim_whitespace=False, max_length=MAX_FIELD_CHARS)
    score = serializers.FloatField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("pair" in attrs) == ("id" in attrs):
            raise serializers.ValidationError("Give one of pair and id.")
        return attrs


class DraftsSerializer(serializers.Serializer):
    """Drafts that one model wrote; of a batch, or of the whole project."""

    model = serializers.CharField(max_length=200)
    version = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=80
    )
    batch = serializers.IntegerField(required=False)
    drafts = DraftSerializer(many=True, allow_empty=False)


class MappingSerializer(serializers.Serializer):
    """What the columns of a batch that asks are; without `mapping` the usual names."""

    mapping = serializers.JSONField(required=False)
    dry_run = serializers.BooleanField(default=False)


class UploadSerializer(ImportOptionsSerializer):
    file = serializers.FileField()


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


class RuleSerializer(serializers.Serializer):
    """One rule of a project's list; `settings`: only what differs from its defaults."""

    key = serializers.CharField(max_length=40)
    is_on = serializers.BooleanField()
    way = serializers.ChoiceField(choices=ProjectRule.Way.choices)
    settings = serializers.DictField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "key" not in attrs:
            raise serializers.ValidationError({"key": "Name the rule."})
        return attrs


class RuleCountSerializer(serializers.ModelSerializer):
    class Meta:
        model = RuleCount
        fields = ("rule", "found", "fixed", "tagged", "proposed")


class RuleRunSerializer(serializers.ModelSerializer):
    """A run with what each rule made of the pairs."""

    counts = RuleCountSerializer(many=True, read_only=True)

    class Meta:
        model = RuleRun
        fields = (
            "id",
            "state",
            "phase",
            "total",
            "done",
            "changed",
            "busy",
            "put_back",
            "left",
            "problem",
            "created_at",
            "ended_at",
            "counts",
        )


class ProposalSerializer(serializers.ModelSerializer):
    class Meta:
        model = RuleProposal
        fields = ("id", "pair", "rule", "reason", "sentence")


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
    waits_for = serializers.SerializerMethodField()

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "trains",
            "state",
            "step",
            "steps",
            "evaluated",
            "to_evaluate",
            "stage",
            "stage_done",
            "stage_whole",
            "parent",
            "config",
            "gate",
            "takes_over",
            "created_at",
            "started_at",
            "ended_at",
            "problem",
            "waits_for",
        )

    def get_waits_for(self, run: TrainingRun) -> str:
        """Why it does not start yet, beside the runs before it; empty: for nothing."""
        if run.state != TrainingRun.State.QUEUED:
            return ""
        told = installation.waits()
        return told.says if told else ""


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
