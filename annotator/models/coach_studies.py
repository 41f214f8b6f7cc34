from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.coach_studies import CoachStudyOrder
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import WrittenJson


class CoachStudy(models.Model):
    """Coaches that are trained alike but in one respect, and measured alike: row and
    job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the training worker")
        WORKING = "working", _("being carried out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Stage(models.TextChoices):
        """What a study that is carried out is at."""

        READING = "reading", _("reading the pairs")
        DRAFTING = "drafting", _("having a coach draft what the next one learns")
        TRAINING = "training", _("training a coach")
        MEASURING = "measuring", _("drafting held-out pairs")
        TIMING = "timing", _("measuring pace and memory")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="coach_studies"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    asked = WrittenJson(default=dict)
    """The whole order (domain.coach_studies.CoachStudyOrder), as JSON."""
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    stage = models.CharField(max_length=9, blank=True, choices=Stage.choices)
    point = models.CharField(max_length=200, blank=True)
    """Of the coach that it is at."""
    seed = models.PositiveBigIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    """Coaches that are measured."""
    total = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    """Of work, waiting not counted."""
    granted = models.PositiveIntegerField(null=True)
    """Minutes of work, after which no coach is begun; None: no bound."""
    worker = models.UUIDField(null=True)
    """Who carries it out: a new one comes when this one falls silent, and goes on."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Workers that have begun since a coach was last done, or it was resumed."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: why it fails is said in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""
    document = WrittenJson(default=dict)
    """What was found (training.evaluation.coach_studies.reporting), once it is done."""

    objects = LockingQuerySet["CoachStudy"].as_manager()

    class Meta:
        verbose_name_plural = "coach studies"
        indexes = [
            # Serves the clock: "which are to be carried out?"
            models.Index(
                fields=["id"],
                name="coach_study_to_be_done",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_done_coach_study_has_its_document",
                condition=~models.Q(state="done") | ~models.Q(document="{}"),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What its coaches differ in, for people."""
        return str(self.order.kind)

    @property
    def order(self) -> CoachStudyOrder:
        return CoachStudyOrder.from_dict(self.asked)

    @property
    def is_whole(self) -> bool:
        """Whether all its coaches are measured."""
        return 0 < self.total <= self.done

    @property
    def is_resumable(self) -> bool:
        """Whether it has ended, and something is left to do."""
        has_ended = self.state not in (self.State.WAITING, self.State.WORKING)
        return has_ended and not (self.state == self.State.DONE and self.is_whole)

    @property
    def file_name(self) -> str:
        """Of what is downloaded, without its ending."""
        return f"{self.project.slug}-{self.order.kind}-study-{self.pk}"


class CoachCell(models.Model):
    """What one coach of a study was measured to be: kept for every later study of the
    project that would train and measure the very same."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="coach_cells"
    )
    digest = models.CharField(max_length=32)
    """Of all that could change its figures (training's coach_studies.grid)."""
    result = WrittenJson()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], name="a_cell_once_a_project"
            )
        ]

    def __str__(self) -> str:
        return self.digest
