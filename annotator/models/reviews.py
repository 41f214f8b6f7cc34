from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotator.domain.effort import Decision
from annotator.domain.hunks import Outcome
from annotator.domain.states import Arm
from annotator.models.drafts import Draft
from annotator.models.guidelines import Guideline
from annotator.models.leases import Lease
from annotator.models.pairs import Pair
from annotator.models.texts import HoldsText


class ReviewQuerySet(models.QuerySet["Review"]):
    def standing(self) -> Self:
        """Leave out what its author took back."""
        return self.filter(withdrawn_at=None)


class Review(HoldsText, models.Model):
    """A person's final text of one pair: a whole copy, never changed.

    Distances are Levenshtein distances in characters over the three fields.
    """

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    lease = models.OneToOneField(Lease, on_delete=models.PROTECT, null=True)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True)
    client_token = models.UUIDField(default=uuid.uuid4, unique=True)
    """Made by the page: a double submit finds the first one by it."""
    arm = models.CharField(
        max_length=8, choices=[(arm.value, arm.value) for arm in Arm]
    )
    is_imported = models.BooleanField(default=False)
    """Came with the import: counts for training, not for efficiency."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    decision = models.CharField(
        max_length=16, choices=[(choice.value, choice.value) for choice in Decision]
    )
    distance_raw_final = models.PositiveIntegerField()
    distance_draft_final = models.PositiveIntegerField(null=True)
    distance_raw_draft = models.PositiveIntegerField(null=True)
    distance_instruction = models.PositiveIntegerField(null=True)
    """This and the next two: from what was shown (draft, else raw) to final, in one
    field. Measured by the tallies (services/tallying.py); None: not yet."""
    distance_input = models.PositiveIntegerField(null=True)
    distance_response = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(db_default=Now())
    active_seconds = models.FloatField(default=0.0)
    wall_seconds = models.FloatField(default=0.0)
    regenerate_seconds = models.FloatField(default=0.0)
    """Of the wall time: while the coach wrote a candidate that was asked for."""
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, null=True)
    """The version that stood beside the work."""
    withdrawn_at = models.DateTimeField(null=True)
    """The author took the submit back; the row stays, and counts for nothing."""

    objects = models.Manager.from_queryset(ReviewQuerySet)()

    class Meta:
        indexes = [
            # Serves "my reviews today".
            models.Index(fields=["author", "submitted_at"], name="review_by_author"),
            # Serves "the latest review of this pair" and the statistics.
            models.Index(fields=["pair", "-submitted_at"], name="review_latest"),
            # Serves the tallies: "the reviews of a day", "not measured yet".
            models.Index(fields=["submitted_at"], name="review_by_day"),
            models.Index(
                fields=["id"],
                name="review_unmeasured",
                condition=models.Q(
                    distance_response=None, is_imported=False, withdrawn_at=None
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of {self.pair_id}"


class HunkDecision(models.Model):
    """What a person made of one change: the coach's, or one of their own.

    Read off the texts on the server (annotator/domain/hunks.py).
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="hunks")
    field = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    outcome = models.CharField(
        max_length=10, choices=[(choice.value, choice.value) for choice in Outcome]
    )
    before = models.TextField(blank=True)
    """In the raw pair."""
    after = models.TextField(blank=True)
    """In the draft."""
    final = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "field", "number"], name="one_decision_a_hunk"
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.number}: {self.outcome}"


class RubricTag(models.Model):
    """A flaw of the raw pair, by a row of the criteria: why it was revised."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="tags")
    criterion = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "criterion"], name="a_flaw_once_a_review"
            )
        ]

    def __str__(self) -> str:
        return self.criterion


class RubricScore(models.Model):
    """0 to 100 for one side of the pair, before or after the revision."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    side = models.CharField(max_length=12)
    moment = models.CharField(max_length=6)
    score = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "side", "moment"], name="one_score_a_side_a_moment"
            ),
            models.CheckConstraint(
                name="a_score_is_at_most_100", condition=models.Q(score__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.moment}: {self.score}"


class Verdict(models.Model):
    """Quality control's answer to one review."""

    class Reason(models.TextChoices):
        INCOMPLETE = "incomplete", _("not all necessary revisions made")
        INCORRECT = "incorrect", _("a fact or a calculation is wrong")
        STYLE = "style", _("language, structure or tone")
        UNSAFE = "unsafe", _("unsafe")
        OVERDONE = "overdone", _("changed more than needed")

    review = models.OneToOneField(Review, on_delete=models.PROTECT)
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    accepted = models.BooleanField()
    reason = models.CharField(max_length=12, blank=True, choices=Reason.choices)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    active_seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_return_has_a_reason",
                condition=models.Q(accepted=True) | ~models.Q(reason=""),
            )
        ]
        indexes = [
            # Serves the snapshot and "n newly accepted since the last run".
            models.Index(
                fields=["created_at"],
                name="verdict_accepted",
                condition=models.Q(accepted=True),
            )
        ]

    def __str__(self) -> str:
        return "accepted" if self.accepted else f"sent back: {self.reason}"
