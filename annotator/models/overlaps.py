from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.models.pairs import Pair
from annotator.models.reviews import Review


class Overlap(models.Model):
    """Two people's texts of one pair, written blind to each other.

    It counts while the second submit stands (`second.withdrawn_at` is empty).
    """

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="overlaps")
    first = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="+")
    second = models.OneToOneField(
        Review, on_delete=models.PROTECT, related_name="overlap"
    )
    similarity = models.FloatField()
    """Word similarity of the two texts in what either changed of the raw, 0 to 1."""
    is_one_text = models.BooleanField()
    """They agree by the project's rule of that moment: nobody has to choose."""
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"two texts of {self.pair_id}"


class Ruling(models.Model):
    """Which text a lead let stand where two people did not agree, and why."""

    class Choice(models.TextChoices):
        FIRST = "first", _("the first text")
        SECOND = "second", _("the second text")
        THIRD = "third", _("a third text")

    class Reason(models.TextChoices):
        AMBIGUOUS = "ambiguous", _("the pair can be read in two ways")
        GUIDELINE_GAP = "guideline_gap", _("the guidelines do not say")
        ANNOTATOR_ERROR = "annotator_error", _("one of the two made an error")
        BOTH_FINE = "both_fine", _("both are fine")

    overlap = models.OneToOneField(Overlap, on_delete=models.CASCADE)
    ruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    choice = models.CharField(max_length=6, choices=Choice.choices)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.TextField(blank=True)
    is_own = models.BooleanField()
    """Ruled by one of the two, since nobody else could."""
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.choice}: {self.reason}"
