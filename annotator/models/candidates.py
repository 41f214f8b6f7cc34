from __future__ import annotations

from django.db import models

from annotator.models.drafts import Draft
from annotator.models.leases import Lease
from annotator.models.locking import LockingQuerySet
from training.models import CoachVersion


class Candidate(models.Model):
    """Another try of the coach, asked for by the holder of a lease: row and job."""

    class State(models.TextChoices):
        ASKED = "asked"
        WRITING = "writing"
        DONE = "done"
        FAILED = "failed"

    MOST = 3
    """Candidates a lease."""

    lease = models.ForeignKey(
        Lease, on_delete=models.CASCADE, related_name="candidates"
    )
    number = models.PositiveSmallIntegerField()
    hint = models.CharField(max_length=300, blank=True)
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default=State.ASKED, choices=State.choices)
    text_so_far = models.TextField(blank=True)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(auto_now_add=True)
    """The last sign of the worker that writes it."""
    asked_again = models.BooleanField(default=False, db_default=False)
    """An engine died on it, and another was asked."""
    ended_at = models.DateTimeField(null=True)
    chosen_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["Candidate"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "number"], name="candidate_number_once_a_lease"
            )
        ]
        indexes = [
            # Serves the sweeper of candidates that never came.
            models.Index(
                fields=["heard_at"],
                name="candidate_open",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"candidate {self.number} of {self.lease_id}"
