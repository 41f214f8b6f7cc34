"""What the API takes and gives, field by field."""

from __future__ import annotations

from rest_framework import serializers

from annotator.models import Batch, Project, RowReject
from training.models import TrainingRun


class ProjectSerializer(serializers.ModelSerializer):
    class Meta:
        model = Project
        fields = ("slug", "name", "description", "language")


class RejectSerializer(serializers.ModelSerializer):
    class Meta:
        model = RowReject
        fields = ("row", "message", "source")


class BatchSerializer(serializers.ModelSerializer):
    rejects = RejectSerializer(many=True, read_only=True)

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
        )


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField()
    revised_as_accepted = serializers.BooleanField(default=False)


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
            "config",
            "created_at",
            "started_at",
            "ended_at",
            "problem",
        )
