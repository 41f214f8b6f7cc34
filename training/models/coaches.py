"""Adapters with their papers."""

from __future__ import annotations

from django.db import models

from revision_engine.types import CoachRef
from training.models.runs import TrainingRun


class CoachVersion(models.Model):
    """One adapter with its papers; immutable once registered."""

    scope = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    run = models.OneToOneField(
        TrainingRun, on_delete=models.PROTECT, null=True, related_name="coach"
    )
    base_model = models.CharField(max_length=200)
    base_revision = models.CharField(max_length=80, blank=True)
    adapter = models.CharField(max_length=80)
    """Key of the adapter's folder in the store."""
    adapter_sha256 = models.CharField(max_length=64)
    prompt = models.CharField(max_length=40)
    wording = models.TextField()
    is_elsewhere = models.BooleanField(default=False, db_default=False)
    """Another model, of which only drafts came: `base_model` is its name and
    `base_revision` its version. It has no adapter, and no engine is asked for it."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "base_model", "base_revision"],
                condition=models.Q(is_elsewhere=True),
                name="a_coach_from_elsewhere_once_a_scope",
            ),
            models.UniqueConstraint(
                fields=["scope", "number"], name="coach_number_once_a_scope"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> CoachRef:
        """What the engine needs to run exactly this coach."""
        return CoachRef(
            name=self.name,
            base_model=self.base_model,
            base_revision=self.base_revision,
            adapter=self.adapter,
            adapter_sha256=self.adapter_sha256,
            prompt=self.prompt,
            wording=self.wording,
        )
