"""What a run learns from and is measured on, frozen."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from revision_engine.types import PairText


class Snapshot(models.Model):
    """A frozen, digested set of revision examples: what a run was trained on."""

    scope = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    """Of the training lines, the held-out lines and the preferences, in order."""
    query = models.JSONField(default=dict)
    """What the upper package asked for, in its own words."""
    selection = models.JSONField(default=dict)
    """A training.selection.Selection, of what the query found; of preferences how many
    there are of each kind."""
    offered = models.PositiveIntegerField()
    """Examples that the query found, each pair once."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"snapshot {self.sha256[:12]}"


class SnapshotItem(models.Model):
    """One example, whole: a snapshot stands without the rows it came from."""

    class Role(models.TextChoices):
        TRAIN = "train", _("trained on")
        HELD_OUT = "held_out", _("held out for measuring")
        TESTED_FIRST = "first", _("measured on before it is learned")

    MEASURED = (Role.HELD_OUT, Role.TESTED_FIRST)
    """What a run's coach is measured on."""

    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.CASCADE, related_name="items"
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    source_id = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    raw_instruction = models.TextField()
    raw_input = models.TextField(blank=True)
    raw_response = models.TextField()
    revised_instruction = models.TextField()
    revised_input = models.TextField(blank=True)
    revised_response = models.TextField()
    distance = models.PositiveIntegerField()
    category = models.CharField(max_length=80, blank=True)
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "fingerprint"], name="an_example_once_a_snapshot"
            )
        ]
        indexes = [
            # Serves the leak guard: "was this coach trained on this pair?"
            models.Index(fields=["fingerprint"], name="item_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.source_id}"

    @property
    def raw(self) -> PairText:
        return PairText(
            instruction=self.raw_instruction,
            input=self.raw_input,
            response=self.raw_response,
        )

    @property
    def revised(self) -> PairText:
        return PairText(
            instruction=self.revised_instruction,
            input=self.revised_input,
            response=self.revised_response,
        )


class SnapshotPreference(models.Model):
    """One Preference (training.preferences) of an example that is learned, whole."""

    item = models.ForeignKey(
        SnapshotItem, on_delete=models.CASCADE, related_name="preferences"
    )
    kind = models.CharField(max_length=12)
    """A training.preferences.PreferenceKind."""
    hint = models.CharField(max_length=300, blank=True)
    chosen_instruction = models.TextField()
    chosen_input = models.TextField(blank=True)
    chosen_response = models.TextField()
    rejected_instruction = models.TextField()
    rejected_input = models.TextField(blank=True)
    rejected_response = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} of {self.item_id}"
