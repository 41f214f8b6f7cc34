"""Which coach drafts for a scope: now, on trial, and before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from training.models.coaches import CoachVersion
from training.models.evaluations import Evaluation


class Promotion(models.Model):
    """One line of the log of who made which coach the active one, and why."""

    class Way(models.TextChoices):
        GATE = "gate", _("by the gate")
        PERSON = "person", _("as the gate advised")
        CHALLENGE = "challenge", _("after a challenge")
        OVERRULED = "overruled", _("against the gate")
        ROLLED_BACK = "rolled_back", _("rolled back")

    way = models.CharField(max_length=12, choices=Way.choices, blank=True)
    """Empty: there was no gate to ask, as for a project's first coach."""
    scope = models.CharField(max_length=80)
    coach = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="promotions"
    )
    previous = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # Serves "the active coach of a scope": the newest line.
            models.Index(fields=["scope", "-id"], name="promotion_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} promoted"


class ActiveCoach(models.Model):
    """The coach that drafts for a scope now: one row, moved under a lock."""

    scope = models.CharField(max_length=80, unique=True)
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.scope}: {self.coach}"


class Challenge(models.Model):
    """A coach on trial: it writes a share of a scope's new drafts, blind."""

    class Outcome(models.TextChoices):
        WON = "won", _("the challenger took over")
        LOST = "lost", _("the champion stayed")
        STOPPED = "stopped", _("stopped without a decision")

    scope = models.CharField(max_length=80)
    champion = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="+"
    )
    challenger = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="challenges"
    )
    share = models.FloatField()
    """Of the new drafts, 0 to 1, that the challenger writes."""
    needed = models.PositiveIntegerField()
    """Reviews of each coach before it can be decided."""
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    """Empty while it is open."""
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=models.Q(outcome=""),
                name="one_open_challenge_a_scope",
            )
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.challenger} challenges {self.champion}"
