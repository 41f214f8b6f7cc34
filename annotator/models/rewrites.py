from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.errands import Errand
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.texts import HoldsText, WrittenJson
from revision_engine.types import PairText
from training.models import CoachVersion


class Rewrite(models.Model):
    """A whole dataset revised by one coach, with no person in the loop."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="rewrites"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=9, default=State.RUNNING, choices=State.choices)
    left_out = models.PositiveIntegerField(default=0)
    """Rows of the dataset that could not be used, and are not in `rows`."""
    remarks = WrittenJson(default=list, db_default=[])
    """What is odd about the dataset, in sentences; the first of it."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    running_since = models.DateTimeField(auto_now_add=True)
    """Start or last resume: the pace is measured from here."""
    finished_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Rewrite"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_ended_rewrite_says_when",
                condition=models.Q(
                    state__in=["running", "paused"], finished_at__isnull=True
                )
                | models.Q(state__in=["done", "cancelled"], finished_at__isnull=False),
            )
        ]
        indexes = [
            # Serves the clock: "which are to go on?"
            models.Index(
                fields=["id"],
                name="rewrite_running",
                condition=models.Q(state="running"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RewriteRow(HoldsText, models.Model):
    """One pair of the dataset: row and job."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DONE = "done"

    class Source(models.TextChoices):
        """Whose text the revised pair is."""

        COACH = "coach"
        EXPERTS = "experts"
        RAW = "raw"

    rewrite = models.ForeignKey(Rewrite, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    """The row's number in the file, or in its batch's order."""
    external_id = models.CharField(max_length=200, blank=True)
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    extra = WrittenJson(default=dict, db_default={})
    """What the dataset said of the row beside its texts, by column."""
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=7, default=State.WAITING, choices=State.choices)
    sent_at = models.DateTimeField(null=True)
    errand = models.ForeignKey(
        Errand,
        on_delete=models.SET_NULL,
        null=True,
        related_name="rows",
        db_index=False,
    )
    suspicion = models.PositiveSmallIntegerField(default=0, db_default=0)
    """An annotator.domain.suspicion.Suspicion: whether engines die on it."""
    revised_instruction = models.TextField(blank=True)
    revised_input = models.TextField(blank=True)
    revised_response = models.TextField(blank=True)
    source = models.CharField(max_length=7, blank=True, choices=Source.choices)
    problem = models.CharField(max_length=24, blank=True)
    """Why the raw pair stands here instead; empty for a usable revision."""
    mean_logprob = models.FloatField(null=True)
    """Mean log-probability (nats) of the coach's tokens; None where unknown."""
    new_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rewrite", "position"], name="a_position_once_a_rewrite"
            ),
            models.CheckConstraint(
                name="a_done_row_has_its_revision",
                condition=~models.Q(state="done")
                | ~models.Q(source="") & models.Q(done_at__isnull=False),
            ),
        ]
        indexes = [
            # Serves "the next rows to send".
            models.Index(
                fields=["rewrite", "position"],
                name="rewrite_row_waiting",
                condition=models.Q(state="waiting"),
            ),
            # Serves the sweeper and the count of rows in flight.
            models.Index(
                fields=["rewrite", "sent_at"],
                name="rewrite_row_sent",
                condition=models.Q(state="sent"),
            ),
            # Serves taking back: "the rows of an errand".
            models.Index(
                fields=["errand"],
                name="rewrite_row_on_an_errand",
                condition=models.Q(errand__isnull=False),
            ),
            # Serves the progress figures from the index alone.
            models.Index(
                fields=["rewrite", "state", "source", "problem"],
                name="rewrite_row_figures",
            ),
            # Serves the pace: "rows done in the last minutes".
            models.Index(fields=["rewrite", "done_at"], name="rewrite_row_pace"),
        ]

    def __str__(self) -> str:
        return f"row {self.position} of rewrite {self.rewrite_id}"

    @property
    def revised(self) -> PairText:
        """The revised pair of a row that is done."""
        return PairText(
            instruction=self.revised_instruction,
            input=self.revised_input,
            response=self.revised_response,
        )
