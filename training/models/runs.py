"""Runs, and the curves that they draw."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from training.models.snapshots import Snapshot


class RunQuerySet(models.QuerySet["TrainingRun"]):
    def active(self) -> Self:
        """Runs that hold the training queue."""
        return self.filter(state__in=TrainingRun.ACTIVE)


class TrainingRun(models.Model):
    """One attempt to make a coach, from the button to the evaluation."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        PREPARING = "preparing", _("preparing")
        TRAINING = "training", _("training")
        CROSS_FITTING = "crossfitting", _("cross-fitting")
        EVALUATING = "evaluating", _("evaluating")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    ACTIVE = (
        State.PREPARING,
        State.TRAINING,
        State.CROSS_FITTING,
        State.EVALUATING,
    )

    scope = models.CharField(max_length=80)
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="runs"
    )
    parent = models.ForeignKey(
        "CoachVersion", on_delete=models.PROTECT, null=True, related_name="successors"
    )
    """The coach that it goes on from; None: the base model alone."""
    trains = models.BooleanField(default=True, db_default=True)
    """False: an adapter that came in is only evaluated."""
    config = models.JSONField()
    """A training.config.LoraConfig, whole: the paper that goes with the adapter."""
    gate = models.JSONField(default=dict)
    """A training.evaluation.gate.Rule: what the new coach must prove."""
    takes_over = models.JSONField(default=dict)
    """A training.taking_over.TakesOver: what follows if it does."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    stage = models.PositiveSmallIntegerField(default=0, db_default=0)
    """Of cross-fitting, from 1 on: each part's coach learns, then drafts. 0: none."""
    stage_done = models.PositiveIntegerField(default=0, db_default=0)
    """Optimizer steps while it learns, drafts while it drafts."""
    stage_whole = models.PositiveIntegerField(default=0, db_default=0)
    evaluated = models.PositiveIntegerField(default=0)
    to_evaluate = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    """Why it failed: one sentence."""
    cause = models.CharField(max_length=16, blank=True)
    """A training.causes.Cause, as the run told it; empty: it can only be guessed."""
    log_tail = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            # One run at a time holds the training queue, whatever the code does.
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(
                    state__in=["preparing", "training", "crossfitting", "evaluating"]
                ),
                name="one_active_run",
            )
        ]
        indexes = [models.Index(fields=["scope", "-created_at"], name="run_of_scope")]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunPoint(models.Model):
    """One point of a run's curve, as the recipe logged it."""

    class Kind(models.TextChoices):
        STEP = "step", _("training step")
        HELD_OUT = "held_out", _("held-out loss")

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="points"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    step = models.PositiveIntegerField()
    epoch = models.FloatField()
    loss = models.FloatField()
    """Mean nats a target token."""
    rate = models.FloatField(null=True)
    tokens = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        constraints = [
            # The log may be read twice; a point is written once.
            models.UniqueConstraint(
                fields=["run", "kind", "step"], name="a_point_once_a_run"
            )
        ]
        ordering = ["step"]

    def __str__(self) -> str:
        return f"{self.kind} {self.step}: {self.loss:.3f}"
