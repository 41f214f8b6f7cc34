from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.projects import Project
from training.models import CoachVersion


class Against(models.TextChoices):
    """What a generation is held against."""

    REFERENCE = "reference", _("the reference")
    BEFORE = "before", _("the generation before")


class DriftReference(models.Model):
    """Which generation the others are held against, from then on: the newest counts."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="drift_references"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    chosen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.coach} is the reference of {self.project}"


class DriftCheck(models.Model):
    """All generations measured on the pairs they share: made anew when one lands."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="drift_checks"
    )
    reference = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="+"
    )
    newest_promotion = models.BigIntegerField()
    newest_evaluation = models.BigIntegerField()
    chosen = models.BigIntegerField(default=0)
    """Primary keys of what had landed when it was made: a Promotion, an Evaluation, a
    DriftReference (0: none was chosen)."""
    rule_sha256 = models.CharField(max_length=64)
    """Of the project's guards as they were then."""
    pairs = models.PositiveIntegerField()
    """Held-out pairs of which every generation has a draft: the fixed set."""
    pairs_sha256 = models.CharField(max_length=64)
    """Of their fingerprints, sorted."""
    made_at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            # Two sweepers at once make one check.
            models.UniqueConstraint(
                fields=[
                    "project",
                    "newest_promotion",
                    "newest_evaluation",
                    "chosen",
                    "rule_sha256",
                ],
                name="one_drift_check_a_state",
            )
        ]

    def __str__(self) -> str:
        return f"drift check {self.pk} on {self.pairs} pairs"


class DriftFigure(models.Model):
    """One figure of one generation: on the fixed set, or beside another generation."""

    check_made = models.ForeignKey(
        DriftCheck, on_delete=models.CASCADE, related_name="figures"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    against = models.CharField(max_length=10, blank=True, choices=Against.choices)
    """Empty: the coach's own value on the fixed set."""
    other = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    figure = models.CharField(max_length=40)
    unit = models.CharField(max_length=40)
    pairs = models.PositiveIntegerField()
    value = models.FloatField()
    """Of the coach."""
    other_value = models.FloatField(null=True)
    """Of the other coach, on the same pairs."""
    low = models.FloatField()
    high = models.FloatField()
    """95 % bounds: of the value or, beside another, of the difference (coach less
    other)."""
    p = models.FloatField(null=True)
    """One-sided, in the bad direction, by the exchange test."""
    adjusted_p = models.FloatField(null=True)
    """The same after Holm, over all comparisons of this coach; None: not a guard."""
    tolerance = models.FloatField(null=True)
    alarms = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_made", "coach", "against", "figure"],
                name="one_drift_figure_a_comparison",
            )
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.figure} of {self.coach_id}: {self.value:.3f}"


class DriftAlarm(models.Model):
    """A guard that the drafting coach is worse on than an earlier generation.

    It stands until a person has said what they make of it, and is kept after that.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="drift_alarms"
    )
    check_made = models.ForeignKey(
        DriftCheck, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    against = models.CharField(max_length=10, choices=Against.choices)
    figure = models.CharField(max_length=40)
    unit = models.CharField(max_length=40)
    pairs = models.PositiveIntegerField()
    value = models.FloatField()
    other_value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    """95 % bounds of coach less other, on the same pairs."""
    tolerance = models.FloatField()
    adjusted_p = models.FloatField()
    raised_at = models.DateTimeField(auto_now_add=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            # What has rung once does not ring again for the same two coaches.
            models.UniqueConstraint(
                fields=["project", "coach", "other", "figure"],
                name="a_drift_alarm_rings_once",
            )
        ]
        indexes = [
            # Serves "what stands" on the overview and the coaches page.
            models.Index(
                fields=["project"],
                name="drift_alarm_standing",
                condition=models.Q(acknowledged_at__isnull=True),
            )
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.figure}: {self.coach} worse than {self.other}"
