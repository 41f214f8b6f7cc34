"""Which of a coach's drafts help: what was found, each time it was asked."""

from __future__ import annotations

from django.db import models

from training.models.coaches import CoachVersion


class HelpEstimate(models.Model):
    """One fit of `training.evaluation.helpfulness` for a coach; the newest counts."""

    coach = models.ForeignKey(
        CoachVersion, on_delete=models.CASCADE, related_name="help_estimates"
    )
    papers = models.JSONField()
    """The Estimate, whole: its model, its figures and what it was judged by."""
    held_out = models.PositiveIntegerField()
    """Drafts of an evaluation, or that came with the coach, among those it knows."""
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
