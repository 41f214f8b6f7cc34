from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.models.pairs import Pair


class AuditEvent(models.Model):
    """One step of one pair: written in the same breath as the step itself."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    action = models.CharField(max_length=40)
    old_state = models.CharField(max_length=12)
    new_state = models.CharField(max_length=12)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["pair", "at"], name="event_history"),
            # Serves the weekly report and the tallies: events between two moments.
            models.Index(fields=["at"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.old_state} -> {self.new_state}"
