"""Which of a coach's drafts help: what was found, each time it was asked."""

from __future__ import annotations

from django.db import models

from training.models.coaches import CoachVersion
from training.models.runs import TrainingRun
from training.models.snapshots import SnapshotItem


class HelpEstimate(models.Model):
    """One fit of `training.evaluation.helpfulness` for a coach; the newest counts."""

    coach = models.ForeignKey(
        CoachVersion, on_delete=models.CASCADE, related_name="help_estimates"
    )
    papers = models.JSONField()
    """The Estimate, whole: its model, its figures and what it was judged by."""
    held_out = models.PositiveIntegerField()
    """Drafts of an evaluation, or that came with the coach, among those it knows."""
    cross_fitted = models.PositiveIntegerField(default=0, db_default=0)
    """Drafts of its run's pairs by coaches that had not learned them."""
    reviews = models.PositiveIntegerField()
    """The other ones: drafts that people here have worked from."""
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # Serves "the newest of a coach".
            models.Index(fields=["coach", "-id"], name="help_estimate_newest")
        ]

    def __str__(self) -> str:
        return f"help estimate {self.pk} of {self.coach_id}"


class CrossFittedDraft(models.Model):
    """What a coach that had learned other parts of a run's examples made of one."""

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="cross_fitted"
    )
    example = models.ForeignKey(SnapshotItem, on_delete=models.CASCADE)
    part = models.PositiveSmallIntegerField()
    """From 0 on: the part that its coach had not learned."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    problem = models.CharField(max_length=24, blank=True)
    mean_logprob = models.FloatField(null=True)

    class Meta:
        constraints = [
            # A part may be stored twice, after a kill; a draft is there once.
            models.UniqueConstraint(
                fields=["run", "example"], name="an_example_drafted_once_a_run"
            )
        ]

    def __str__(self) -> str:
        return f"cross-fitted draft of {self.example_id}, {self.run}"
