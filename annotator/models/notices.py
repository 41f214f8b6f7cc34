from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotator.domain.news import Kind
from annotator.models.projects import Project


class Notice(models.Model):
    """One thing that one person is told, until they have opened what it is about."""

    class About(models.TextChoices):
        """The page that shows it, by the name of its address."""

        PAIR = "pair"
        BATCH = "batch"
        EXPORT = "export"
        DATASET_REPORT = "dataset-report"
        MODEL_STUDY = "model-study"
        COACH_STUDY = "coach-study"
        BACKBONES = "backbone"
        RATING = "rating"
        RULES = "rules-run"
        REWRITE = "rewrite"
        RUN = "run"
        COACH = "coach"
        DRIFT = "drift"
        HOOK = "project-hook"
        REVIEWS = "mine-reviews"
        BULK = "quality-bulk"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="told"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in Kind]
    )
    about = models.CharField(max_length=20, choices=About.choices)
    number = models.PositiveBigIntegerField(null=True)
    """Of the pair, batch, run, ...; empty: the page is about the whole project."""
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """Whose deed it was; empty: nobody's."""
    said = models.JSONField(default=dict)
    """What its sentence is made of when it is shown (services/notice_words)."""
    key = models.CharField(max_length=100)
    """Names the event: whatever runs twice tells once."""
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "key"], name="an_event_once_a_person"
            )
        ]
        indexes = [
            # Serves the badge of every page.
            models.Index(
                fields=["person"], name="notice_unread", condition=Q(read_at=None)
            ),
            # Serves the inbox: newest first, page by page.
            models.Index(fields=["person", "-id"], name="notice_newest"),
            # Serves the sweeper: "which are too old?"
            models.Index(fields=["at"], name="notice_by_age"),
            # Serves taking back: "what was told of this event?"
            models.Index(fields=["key"], name="notice_of_an_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}: {self.about} {self.number}"
