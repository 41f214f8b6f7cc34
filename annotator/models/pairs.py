from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.models.projects import Project
from annotator.models.texts import HoldsText


class Batch(models.Model):
    """One import: where pairs came from and what became of the rows."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="batches"
    )
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    rows = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class RowReject(models.Model):
    """A row that could not be imported, kept so that it can be mended."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rejects")
    row = models.PositiveIntegerField(_("row"))
    message = models.TextField(_("what is wrong"))
    source = models.TextField(_("the row"), blank=True)

    class Meta:
        ordering = ["row", "pk"]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"


class PairQuerySet(models.QuerySet["Pair"]):
    def in_state(self, *states: PairState) -> Self:
        return self.filter(state__in=states)

    def next_up(self) -> Self:
        """Order pairs as people should meet them."""
        return self.order_by("-priority", "pk")


class Pair(HoldsText, models.Model):
    """One instruction pair as it was imported, and where it is on its way."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pairs")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="pairs")
    row = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=80, blank=True)
    """Kind of task, as the file says; empty where it does not."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12,
        default=PairState.IMPORTED,
        choices=[(state.value, state.value) for state in PairState],
    )
    state_since = models.DateTimeField(auto_now_add=True)
    arm = models.CharField(
        max_length=8, blank=True, choices=[(arm.value, arm.value) for arm in Arm]
    )
    priority = models.SmallIntegerField(default=0)
    draft = models.ForeignKey(
        "Draft", on_delete=models.PROTECT, null=True, related_name="+"
    )
    draft_coach = models.BigIntegerField(null=True)
    """The coach version of `draft`, or the one now drafting: finds stale drafts."""
    opened = models.BooleanField(default=False)
    """Whether anyone has ever held it: an opened draft keeps its coach."""
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    reserved_until = models.DateTimeField(null=True)
    exclusion_reason = models.CharField(
        max_length=20,
        blank=True,
        choices=[(reason.value, reason.value) for reason in ExclusionReason],
    )
    exclusion_note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "fingerprint"], name="a_pair_once_a_project"
            ),
            models.CheckConstraint(
                name="an_excluded_pair_says_why",
                condition=~models.Q(state=PairState.EXCLUDED)
                | ~models.Q(exclusion_reason=""),
            ),
            models.CheckConstraint(
                name="only_new_pairs_have_no_arm",
                condition=models.Q(state__in=[PairState.IMPORTED, PairState.EXCLUDED])
                | ~models.Q(arm=""),
            ),
        ]
        indexes = [
            # Serves claiming: "best waiting pair first", for both stages.
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_ready_for_review",
                condition=models.Q(state=PairState.READY),
            ),
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_ready_for_quality",
                condition=models.Q(state=PairState.REVIEWED),
            ),
            # Serves the draft batch: "next pairs without a draft".
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_waiting_for_draft",
                condition=models.Q(state=PairState.QUEUED),
            ),
            # Serves the sweeper and the count of drafts in flight.
            models.Index(
                fields=["state_since"],
                name="pair_being_drafted",
                condition=models.Q(state=PairState.DRAFTING),
            ),
            # Serves the funnel's counts.
            models.Index(fields=["project", "state"], name="pair_funnel"),
            # Serves the tallies: "the pairs imported on a day".
            models.Index(fields=["project", "created_at"], name="pair_by_day"),
        ]

    def __str__(self) -> str:
        return f"pair {self.pk}"
