from __future__ import annotations

from typing import Self

from django.db import models

from annotator.models.pairs import Pair
from annotator.models.texts import HoldsText
from training.models import Challenge, CoachVersion


class DraftQuerySet(models.QuerySet["Draft"]):
    def answers(self) -> Self:
        """One for each pair and try: not what stands held back behind another."""
        return self.filter(stand_in=None)


class Draft(HoldsText, models.Model):
    """The coach's revision of one pair; never changed, only followed by another."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="drafts")
    coach = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="drafts"
    )
    adapter_sha256 = models.CharField(max_length=64)
    prompt = models.CharField(max_length=40)
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    problem = models.CharField(max_length=24, blank=True)
    """Why the raw pair stands here instead; empty for a usable draft."""
    hint = models.CharField(max_length=300, blank=True)
    """What a person asked for when they had the coach try again."""
    raw_output = models.TextField(blank=True)
    new_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    mean_logprob = models.FloatField(null=True)
    """How sure the coach was: mean natural log-probability of its tokens, 0 at best."""
    score = models.FloatField(null=True)
    """What another model, or whoever judged it, gave its draft: on their scale."""
    helpfulness = models.FloatField(null=True)
    """The probability that it saves work over the raw pair, as estimated when it came;
    None: it changes nothing, or nothing told."""
    held_back = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="stand_in"
    )
    """What the coach wrote, where the raw pair stands instead since it would hardly
    save work."""
    edit_chars = models.PositiveIntegerField(null=True)
    """Predicted edit size: characters between the raw pair and this draft."""
    challenge = models.ForeignKey(
        Challenge, on_delete=models.PROTECT, null=True, related_name="drafts"
    )
    """The challenge that it counts for: its coach was chosen by hash."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(DraftQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "challenge"], name="a_pair_counts_once_a_challenge"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.pair_id}"

    @property
    def written(self) -> Draft:
        """What the coach wrote: itself, or what it holds back."""
        return self.held_back or self
