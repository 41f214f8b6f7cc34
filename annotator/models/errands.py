from __future__ import annotations

from django.db import models

from annotator.models.locking import LockingQuerySet
from training.models import Challenge


class Errand(models.Model):
    """One message to the engine: row and job.

    Pairs, new drafts, rows of rewrites and drafts of auditions point to the errand
    they are on. It is gone when all of them have come, or have been taken back.
    """

    size = models.PositiveIntegerField()
    """How many texts were sent together."""
    challenge = models.ForeignKey(
        Challenge, on_delete=models.CASCADE, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True)
    """The last sign of the engine that works on it; empty while it waits for one."""
    failed = models.BooleanField(default=False)
    """The engine said that it could not do it, and lives."""

    objects = LockingQuerySet["Errand"].as_manager()

    def __str__(self) -> str:
        return f"errand {self.pk}"
