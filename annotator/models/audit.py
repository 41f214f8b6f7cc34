from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from annotator.models.pairs import Pair


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def newest_of_its_pair(self) -> Self:
        """Steps after which nothing has happened to their pair."""
        later = AuditEvent.objects.filter(
            pair=models.OuterRef("pair"), pk__gt=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(later))


class AuditEvent(models.Model):
    """One step of one pair: written in the same breath as the step itself."""

    pair = models.ForeignKey(
        Pair, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False
    )
    action = models.CharField(max_length=40)
    old_state = models.CharField(max_length=12)
    new_state = models.CharField(max_length=12)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    deed = models.UUIDField(null=True)
    """The token of the deed that took the step: the page made it, and the answer
    names it. Several pairs may share one; empty for what no person did at a desk."""
    undone_at = models.DateTimeField(null=True)
    """When the deed was taken back: the step stays, and counts for nothing."""

    objects = models.Manager.from_queryset(AuditEventQuerySet)()

    class Meta:
        constraints = [
            # A deed that is sent twice is done once, whatever the code above does.
            models.UniqueConstraint(
                fields=["deed", "pair"],
                condition=models.Q(deed__isnull=False),
                name="a_deed_once_a_pair",
            )
        ]
        indexes = [
            # Serves a pair's history, and its key.
            models.Index(fields=["pair", "at"], name="event_history"),
            # Serves the key: an import's events have no actor.
            models.Index(
                fields=["actor"],
                name="event_of_an_actor",
                condition=models.Q(actor__isnull=False),
            ),
            # Serves the weekly report and the tallies: events between two moments.
            models.Index(fields=["at"], name="event_by_time"),
            # Serves "what can this person still take back?".
            models.Index(
                fields=["actor", "-at"],
                name="event_of_a_deed",
                condition=models.Q(deed__isnull=False, undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.old_state} -> {self.new_state}"
