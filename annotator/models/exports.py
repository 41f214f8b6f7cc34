from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.formats.exports.orders import ExportFile, ExportOrder, ExportShape
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import WrittenJson


class Export(models.Model):
    """One file of pairs for elsewhere: row and job. The row outlives its file."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be written")
        WRITING = "writing", _("being written")
        DONE = "done", _("written")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="exports"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """Empty: the system itself, by the command line."""
    created_at = models.DateTimeField(auto_now_add=True)
    shape = models.CharField(
        max_length=20, choices=[(each.value, each.value) for each in ExportShape]
    )
    file = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in ExportFile]
    )
    asked = WrittenJson(default=dict)
    """The whole order (formats.exports.orders.ExportOrder), as JSON."""
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    pairs = models.PositiveIntegerField(null=True)
    """That it is to hold; counted when the writing begins."""
    done = models.PositiveIntegerField(default=0)
    """Pairs that are through."""
    rows = models.PositiveIntegerField(default=0)
    """Rows of the file: a pair may become none, one or some."""
    writer = models.UUIDField(null=True)
    """Who writes: a new one comes when this one falls silent, and begins anew."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Writers that have begun since it was asked for, or tried again."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: what it writes down for people is in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""
    kept = models.CharField(max_length=64, blank=True)
    """Its name in settings.EXPORTS; empty until it is there, and once it is gone."""
    size = models.PositiveBigIntegerField(default=0)
    """Bytes of the file."""
    sha256 = models.CharField(max_length=64, blank=True)
    manifest = WrittenJson(default=dict)
    """What the file holds, so that each figure can be counted again."""
    forgotten_at = models.DateTimeField(null=True)
    """When the file was deleted, for its age or by a person."""

    objects = LockingQuerySet["Export"].as_manager()

    class Meta:
        indexes = [
            # Serves the clock: "which are to be written?"
            models.Index(
                fields=["id"],
                name="export_to_be_written",
                condition=models.Q(state__in=["waiting", "writing"]),
            ),
            # Serves the sweeper: "which files are too old?"
            models.Index(
                fields=["ended_at"],
                name="export_kept",
                condition=~models.Q(kept=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_written_export_has_its_digest",
                condition=~models.Q(state="done") | ~models.Q(sha256=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def order(self) -> ExportOrder:
        return ExportOrder.from_dict(self.asked)

    @property
    def name(self) -> str:
        """Of the file, for whoever fetches it."""
        return f"{self.project.slug}-{self.shape}-{self.pk}.{self.order.ending}"
