from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from training.models import CoachVersion


class AdapterPush(models.Model):
    """A coach's adapter on its way to a hub: row and job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the app worker")
        WORKING = "working", _("being pushed")
        DONE = "done", _("pushed")
        FAILED = "failed", _("failed")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="adapter_pushes"
    )
    coach = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="pushes"
    )
    repository = models.CharField(max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """None: the terminal."""
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, default=State.WAITING, choices=State.choices)
    worker = models.UUIDField(null=True)
    """Who pushes: a new one comes when this one falls silent, and begins anew."""
    tries = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=500, blank=True)
    """Of the commit, once it is done."""
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: why it fails is said in it."""
    problem = models.TextField(blank=True)
    """Why it failed, in a sentence."""

    objects = LockingQuerySet["AdapterPush"].as_manager()

    class Meta:
        verbose_name_plural = "adapter pushes"
        indexes = [
            # Serves the clock: "which are to be pushed?"
            models.Index(
                fields=["id"],
                name="adapter_to_be_pushed",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["coach"],
                condition=models.Q(state__in=["waiting", "working"]),
                name="one_open_push_a_coach",
            )
        ]

    def __str__(self) -> str:
        return f"push of {self.coach_id} to {self.repository}"
