from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.pairs import Batch, Pair
from annotator.models.projects import Project
from annotator.models.texts import HoldsText, WrittenJson


class RowRemark(models.Model):
    """Something odd about a row, or about the whole file, that cost no pair."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="remarks")
    row = models.PositiveIntegerField(_("row"), null=True)
    """Empty: the file."""
    message = models.TextField(_("what is odd"))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


class OfferQuerySet(models.QuerySet["OfferedRevision"]):
    def waiting(self) -> Self:
        """Those that nobody has decided about."""
        return self.filter(outcome="")


class OfferedRevision(HoldsText, models.Model):
    """A revision that came with a file for a pair the project has: for a lead to take.

    Nothing of the pair is altered by it until then.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("taken as an accepted review")
        KEPT = "kept", _("kept in the history of the pair")
        LEFT = "left", _("not taken")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="offers")
    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="offers")
    row = models.PositiveIntegerField()
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_decided_offer_says_when",
                condition=models.Q(outcome="", decided_at__isnull=True)
                | ~models.Q(outcome="") & models.Q(decided_at__isnull=False),
            )
        ]
        indexes = [
            # Serves the batch page and "take all": what waits, in the file's order.
            models.Index(
                fields=["batch", "row", "id"],
                name="offer_waiting",
                condition=models.Q(outcome=""),
            )
        ]

    def __str__(self) -> str:
        return f"revision of {self.pair_id} from row {self.row} of {self.batch_id}"


class RememberedMapping(models.Model):
    """What a person said about files with these columns: offered for the next one."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="mappings"
    )
    columns = models.CharField(max_length=64)
    """SHA-256 of the sorted names (services/mapping)."""
    mapping = WrittenJson()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "columns"], name="a_mapping_for_a_set_of_columns"
            )
        ]

    def __str__(self) -> str:
        return f"mapping {self.pk} of {self.project_id}"
