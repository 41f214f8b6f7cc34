from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.dataset_reports import ReportOrder
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import WrittenJson


class DatasetReport(models.Model):
    """A dataset before and after revision, measured once: row and job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be made")
        MAKING = "making", _("being made")
        DONE = "done", _("made")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Stage(models.TextChoices):
        """What a report that is being made is at."""

        READING = "reading", _("reading the pairs")
        RATING = "rating", _("having texts rated")
        COUNTING = "counting", _("counting the figures")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="dataset_reports"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    name = models.CharField(max_length=200)
    """Of what it is about, for people."""
    asked = WrittenJson(default=dict)
    """The whole order (domain.dataset_reports.ReportOrder), as JSON."""
    file = models.CharField(max_length=32, blank=True)
    """What was brought for it: its name in settings.DATASET_REPORTS, while needed."""
    raw_file = models.CharField(max_length=32, blank=True)
    """The same of its raw side, if that is another file."""
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    stage = models.CharField(max_length=8, blank=True, choices=Stage.choices)
    done = models.PositiveIntegerField(default=0)
    """Texts that are rated, by each judge."""
    total = models.PositiveIntegerField(default=0)
    """Those that are to be; 0: nothing is, or it is not known yet."""
    maker = models.UUIDField(null=True)
    """Who makes it: a new one comes when this one falls silent, and asks for no rating
    again."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Makers that have begun since it was asked for, or tried again."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: why it fails is said in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""
    document = WrittenJson(default=dict)
    """The report (services/dataset_documents), once it is made."""
    for_raters = WrittenJson(default=list)
    """Texts, whole and by chance, that people may be asked to rate blind
    (services/asking_raters)."""

    objects = LockingQuerySet["DatasetReport"].as_manager()

    class Meta:
        indexes = [
            # Serves the clock: "which are to be made?"
            models.Index(
                fields=["id"],
                name="dataset_report_to_be_made",
                condition=models.Q(state__in=["waiting", "making"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_made_dataset_report_has_its_document",
                condition=~models.Q(state="done") | ~models.Q(document="{}"),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def order(self) -> ReportOrder:
        return ReportOrder.from_dict(self.asked)

    @property
    def file_name(self) -> str:
        """Of what is downloaded, without its ending."""
        return f"{self.project.slug}-dataset-report-{self.pk}"
