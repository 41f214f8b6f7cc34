from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.errands import Errand
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.texts import HoldsText
from revision_engine.types import PairText
from training.models import CoachVersion


class Audition(models.Model):
    """Some coaches draft the same few pairs, to be read side by side.

    Nothing of it is a Draft: no pair is changed by it, and no figure counts it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    MOST_COACHES = 3
    PAIRS = 10
    """Pairs of a draw."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="auditions"
    )
    draw = models.PositiveIntegerField(null=True)
    """Which draw of the project's pairs it is; None: one pair that was chosen or
    typed."""
    state = models.CharField(max_length=9, default=State.RUNNING, choices=State.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Audition"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_ended_audition_says_when",
                condition=models.Q(state="running", finished_at__isnull=True)
                | models.Q(state__in=["done", "cancelled"], finished_at__isnull=False),
            )
        ]
        indexes = [
            # Serves the clock: "which are to go on?"
            models.Index(
                fields=["id"],
                name="audition_running",
                condition=models.Q(state="running"),
            ),
        ]

    def __str__(self) -> str:
        return f"audition {self.pk}"


class AuditionPair(HoldsText, models.Model):
    """One raw pair, as it was when the audition began."""

    audition = models.ForeignKey(
        Audition, on_delete=models.CASCADE, related_name="pairs"
    )
    position = models.PositiveSmallIntegerField()
    """Counted from 1."""
    number = models.PositiveBigIntegerField(null=True)
    """The project's pair that it was copied from, which may be gone; None: typed."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["audition", "position"], name="a_position_once_an_audition"
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"pair {self.position} of audition {self.audition_id}"


class AuditionDraft(models.Model):
    """What one coach makes of one of the pairs: row and job."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DONE = "done"
        FAILED = "failed"

    MOST_TRIES = 3
    """Engines that may fail or die on it."""

    pair = models.ForeignKey(
        AuditionPair, on_delete=models.CASCADE, related_name="drafts"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, default=State.WAITING, choices=State.choices)
    sent_at = models.DateTimeField(null=True)
    errand = models.ForeignKey(
        Errand, on_delete=models.SET_NULL, null=True, related_name="audition_drafts"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    was_trained_on = models.BooleanField(default=False)
    """The coach has learned this pair: what it says of it is no news."""
    instruction = models.TextField(blank=True)
    input = models.TextField(blank=True)
    response = models.TextField(blank=True)
    problem = models.CharField(max_length=24, blank=True)
    """Why it is the raw pair; empty for a usable draft."""
    helpfulness = models.FloatField(null=True)
    """The estimated probability that it saves work; None: not known."""
    is_held_back = models.BooleanField(default=False)
    """People would be shown the raw pair instead, by the project's way then."""
    mean_logprob = models.FloatField(null=True)
    new_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    done_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["AuditionDraft"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "coach"], name="a_coach_once_an_audition_pair"
            ),
            models.CheckConstraint(
                name="an_ended_audition_draft_says_when",
                condition=models.Q(state__in=["waiting", "sent"], done_at__isnull=True)
                | models.Q(state__in=["done", "failed"], done_at__isnull=False),
            ),
        ]
        indexes = [
            # Serves the sweeper: "sent, and on no errand that is known".
            models.Index(
                fields=["sent_at"],
                name="audition_draft_sent",
                condition=models.Q(state="sent"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.coach_id} on {self.pair_id}"

    @property
    def text(self) -> PairText:
        """What the coach wrote, once it is done."""
        return PairText(
            instruction=self.instruction, input=self.input, response=self.response
        )
