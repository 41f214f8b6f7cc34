from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import HoldsText
from revision_engine import prompts
from revision_engine.types import CoachRef, PairText
from training.models import CoachVersion


class BackboneComparison(models.Model):
    """Coaches of several base models, or bare ones, on the same held-out pairs: row and
    job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the training worker")
        WORKING = "working", _("being carried out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    FEWEST, MOST = 2, 6
    """That are compared."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="backbone_comparisons"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    worker = models.UUIDField(null=True)
    """Who carries it out: a new one comes when this one falls silent, and goes on."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Workers that have begun since something was last measured."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: why it fails is said in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""

    objects = LockingQuerySet["BackboneComparison"].as_manager()

    class Meta:
        indexes = [
            # Serves the clock: "which are to be carried out?"
            models.Index(
                fields=["id"],
                name="backbones_to_be_compared",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["waiting", "working"]),
                name="one_open_backbone_comparison_a_project",
            )
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"


class ComparedBackbone(models.Model):
    """One coach, or one base model without an adapter, and how fast it drafts."""

    comparison = models.ForeignKey(
        BackboneComparison, on_delete=models.CASCADE, related_name="backbones"
    )
    position = models.PositiveSmallIntegerField()
    """Counted from 1; the others are compared with the first that could be measured."""
    coach = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    """None: the base model alone."""
    base_model = models.CharField(max_length=200)
    base_revision = models.CharField(max_length=80, blank=True)
    timed = models.PositiveIntegerField(default=0)
    """Drafts by which its pace was measured."""
    tokens = models.PositiveIntegerField(default=0)
    """Of those drafts."""
    seconds = models.FloatField(null=True)
    """That those drafts took together, the model being loaded; None: not measured."""
    memory = models.PositiveBigIntegerField(null=True)
    """Most bytes that its process held meanwhile; None: not known."""
    device = models.CharField(max_length=8, blank=True)
    """Whose memory that is: `cpu` or `cuda`."""
    measured_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    """Why it could not be measured, in a sentence."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "position"], name="a_position_once_a_comparison"
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.coach.name if self.coach else self.base_model

    @property
    def ref(self) -> CoachRef:
        """What the engine needs to run it."""
        if self.coach:
            return self.coach.ref
        return CoachRef(
            name=self.base_model,
            base_model=self.base_model,
            base_revision=self.base_revision,
            prompt=prompts.DEFAULT,
            wording=self.comparison.project.wording,
        )


class BackbonePair(models.Model):
    """One held-out pair with the person's text, as it was when the comparison began."""

    comparison = models.ForeignKey(
        BackboneComparison, on_delete=models.CASCADE, related_name="pairs"
    )
    position = models.PositiveIntegerField()
    raw = models.JSONField()
    """The raw pair: instruction, input, response."""
    expert = models.JSONField()
    """The person's text, likewise."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "position"], name="a_pair_once_a_comparison"
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"pair {self.position} of comparison {self.comparison_id}"

    @property
    def text(self) -> PairText:
        return PairText(**self.raw)


class BackboneDraft(HoldsText, models.Model):
    """What one of them makes of one pair: what the figures are counted from."""

    backbone = models.ForeignKey(
        ComparedBackbone, on_delete=models.CASCADE, related_name="drafts"
    )
    pair = models.ForeignKey(
        BackbonePair, on_delete=models.CASCADE, related_name="drafts"
    )
    is_reused = models.BooleanField(default=False)
    """An evaluation had it already."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField(blank=True)
    problem = models.CharField(max_length=24, blank=True)
    parseable = models.BooleanField(default=True)
    """Of the answer as it came."""
    loop = models.BooleanField(default=False)
    """Likewise."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["backbone", "pair"], name="a_draft_once_a_backbone_a_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.backbone_id} on {self.pair_id}"


class BackboneFigure(models.Model):
    """One measured figure with its 95 % bootstrap interval over pairs."""

    backbone = models.ForeignKey(
        ComparedBackbone, on_delete=models.CASCADE, related_name="figures"
    )
    name = models.CharField(max_length=40)
    side = models.CharField(max_length=12)
    """`raw`, `coach`, `difference` (to the first one, on the same pairs), or empty
    where the figure compares coach and raw."""
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    unit = models.CharField(max_length=40)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["backbone", "name", "side"],
                name="a_figure_once_a_side_a_backbone",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.side} {self.value:.3f}"
