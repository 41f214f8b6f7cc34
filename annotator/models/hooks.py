from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotator.models.projects import Project


class Hook(models.Model):
    """Where a project's news is sent for programs: at most one address a project."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="hook"
    )
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=64)
    """Signs what is sent."""
    is_on = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    """Calls that failed, one after the other."""
    called_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the newest answer; empty: there was none."""
    problem = models.CharField(max_length=300, blank=True)
    """Why the newest call failed; empty: it did not."""

    def __str__(self) -> str:
        return f"hook of {self.project_id}"


class HookCall(models.Model):
    """One event on its way to a hook: row and job."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="calls")
    key = models.CharField(max_length=100)
    """Of the event: it is sent once, or until it is taken."""
    body = models.TextField()
    """JSON, as it is signed and sent."""
    at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    """When it is tried; empty: it is taken, or given up."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hook", "key"], name="an_event_once_a_hook")
        ]
        indexes = [
            # Serves the clock: "which are due?"
            models.Index(
                fields=["next_at"], name="hook_call_due", condition=~Q(next_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} for hook {self.hook_id}"
