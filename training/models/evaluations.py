"""What coaches were measured to be worth."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from training.models.coaches import CoachVersion


class Evaluation(models.Model):
    """One coach measured on one pinned held-out set, beside the active one."""

    class Outcome(models.TextChoices):
        PROMOTE = "promote", _("promote")
        HOLD = "hold", _("hold")
        REJECT = "reject", _("reject")

    coach = models.ForeignKey(
        CoachVersion, on_delete=models.CASCADE, related_name="evaluations"
    )
    current = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    """The coach that was active then; None: there was none to beat."""
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    """What the gate decided; empty where it was not asked."""
    reasons = models.JSONField(default=list)
    """The gate's, as training.evaluation.gate wrote them."""
    rule = models.JSONField(default=dict)
    """The training.evaluation.gate.Rule it decided by."""
    held_out_sha256 = models.CharField(max_length=64)
    examples = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    """Held-out pairs that one of the coaches was trained on: measured for neither."""
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"evaluation of {self.coach_id}"


class EvaluationFigure(models.Model):
    """One measured figure with its 95 % bootstrap interval."""

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.CASCADE, related_name="figures"
    )
    name = models.CharField(max_length=40)
    side = models.CharField(max_length=12)
    """`raw`, `coach`, `current`, `difference` (coach less current), or empty where a
    figure compares coach and raw."""
    category = models.CharField(max_length=80, blank=True)
    """The pairs it is of; empty: all."""
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    unit = models.CharField(max_length=40)
    n = models.PositiveIntegerField(null=True)
    """How many pairs it was measured on."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "name", "side", "category"],
                name="a_figure_once_a_side_a_category",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.side} {self.value:.3f}"


class EvaluationSample(models.Model):
    """One held-out pair with the coach's draft of it: what the figures recount from."""

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.CASCADE, related_name="samples"
    )
    source_id = models.CharField(max_length=80)
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    problem = models.CharField(max_length=24, blank=True)
    distance_raw = models.PositiveIntegerField()
    distance_draft = models.PositiveIntegerField()
    raw = models.JSONField(default=dict)
    """The raw pair: instruction, input, response."""
    expert = models.JSONField(default=dict)
    """The person's text, likewise."""
    category = models.CharField(max_length=80, blank=True)
    parseable = models.BooleanField(default=True)
    """Of the coach's answer as it came."""
    loop = models.BooleanField(default=False)
    """Likewise: the draft that is shown never has one."""
    loss = models.FloatField(null=True)
    """Nats, summed over the tokens of the person's text; None: not measured."""
    tokens = models.PositiveIntegerField(default=0)
    mean_logprob = models.FloatField(null=True)
    """How sure the coach was: mean natural log-probability of its tokens; None: not
    told."""
    current = models.JSONField(null=True)
    """The active coach on the same pair: `draft` and the like, as they stand here."""

    def __str__(self) -> str:
        return f"sample {self.source_id}"
