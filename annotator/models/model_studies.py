from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.model_studies import StudyOrder
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import WrittenJson


class ModelStudy(models.Model):
    """Models tuned on versions of a project's pairs, and compared: row and job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the training worker")
        WORKING = "working", _("being carried out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Stage(models.TextChoices):
        """What a study that is carried out is at."""

        READING = "reading", _("reading the pairs")
        TUNING = "run", _("tuning a model")
        ANSWERING = "answering", _("answering the test set")
        JUDGING = "judging", _("comparing the answers")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="model_studies"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    asked = WrittenJson(default=dict)
    """The whole order (domain.model_studies.StudyOrder), as JSON."""
    items = WrittenJson(default=list)
    """A test set that was brought (training's TestItems); none: held-out pairs."""
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    stage = models.CharField(max_length=9, blank=True, choices=Stage.choices)
    arm = models.CharField(max_length=16, blank=True)
    """Of the model that it is at; `base`: as it is."""
    seed = models.PositiveBigIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    """Models that have answered, the untuned one too."""
    total = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    """Of work, waiting not counted."""
    granted = models.PositiveIntegerField(null=True)
    """Minutes of work, after which no model is begun; None: no bound."""
    worker = models.UUIDField(null=True)
    """Who carries it out: a new one comes when this one falls silent, and goes on."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Workers that have begun since a model was last done, or it was resumed."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: why it fails is said in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""
    document = WrittenJson(default=dict)
    """What was found (services/study_documents), once it is done."""
    for_raters = WrittenJson(default=list)
    """Texts, whole and by chance, that people may be asked to rate blind
    (services/asking_raters)."""

    objects = LockingQuerySet["ModelStudy"].as_manager()

    class Meta:
        verbose_name_plural = "model studies"
        indexes = [
            # Serves the clock: "which are to be carried out?"
            models.Index(
                fields=["id"],
                name="model_study_to_be_done",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_done_model_study_has_its_document",
                condition=~models.Q(state="done") | ~models.Q(document="{}"),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What it compares, for people."""
        return ", ".join(self.order.arms)

    @property
    def order(self) -> StudyOrder:
        return StudyOrder.from_dict(self.asked)

    @property
    def is_whole(self) -> bool:
        """Whether all its models have answered."""
        return 0 < self.total <= self.done

    @property
    def is_resumable(self) -> bool:
        """Whether it has ended, and something is left to do."""
        has_ended = self.state not in (self.State.WAITING, self.State.WORKING)
        return has_ended and not (self.state == self.State.DONE and self.is_whole)

    @property
    def file_name(self) -> str:
        """Of what is downloaded, without its ending."""
        return f"{self.project.slug}-model-study-{self.pk}"
