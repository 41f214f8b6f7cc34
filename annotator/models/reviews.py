from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotator.domain.effort import Decision
from annotator.domain.hunks import Outcome
from annotator.domain.states import Arm
from annotator.models.drafts import Draft
from annotator.models.guidelines import Guideline
from annotator.models.leases import Lease
from annotator.models.pairs import Pair
from annotator.models.texts import HoldsText
from revision_engine.types import PairText

if TYPE_CHECKING:
    from annotator.models.verdicts import Fix


class ReviewQuerySet(models.QuerySet["Review"]):
    def standing(self) -> Self:
        """What a pair says: without what was taken back, or passed over for another
        person's text."""
        return self.filter(withdrawn_at=None, passed_over_at=None)

    def handed_in(self) -> Self:
        """What a person did: all but what they took back."""
        return self.filter(withdrawn_at=None)


class Review(HoldsText, models.Model):
    """A person's final text of one pair: a whole copy, never changed.

    Distances are Levenshtein distances in characters over the three fields.
    """

    class Slot(models.IntegerChoices):
        """The place of a text among those of a pair that two people revise."""

        FIRST = 1
        SECOND = 2
        RULING = 3
        """A third text, by the lead who had to choose."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    lease = models.OneToOneField(Lease, on_delete=models.PROTECT, null=True)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True)
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
    field. Measured by the tallies (services/tallies/folding.py); None: not yet."""
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
    quality_rate = models.FloatField(null=True)
    """The share of the author's reviews that quality control looked at, at the submit;
    empty for imported ones and those from before there was sampling."""
    quality_draw = models.FloatField(null=True)
    """Its place in [0, 1): looked at if below the rate. Empty with a rate: nothing was
    drawn, since the correction of a returned review is always looked at."""
    audit_of = models.ForeignKey(
        "BulkAcceptance", on_delete=models.PROTECT, null=True, related_name="audits"
    )
    """The bulk acceptance that this review was kept out of, for a person to judge."""
    slot = models.PositiveSmallIntegerField(null=True, choices=Slot.choices)
    """Empty where one person revises a pair alone."""
    passed_over_at = models.DateTimeField(null=True)
    """Another person's text of the pair stands; this one counts for agreement only."""
    words_shown = models.PositiveIntegerField(null=True)
    """Words of the raw pair and the draft; empty for reviews from before it was
    counted."""

    objects = models.Manager.from_queryset(ReviewQuerySet)()

    class Meta:
        constraints = [
            # Two texts of a pair and at most one third, whatever the code above does.
            models.UniqueConstraint(
                fields=["pair", "slot"],
                condition=models.Q(slot__isnull=False, withdrawn_at__isnull=True),
                name="one_text_a_slot",
            ),
            models.UniqueConstraint(
                fields=["pair", "author"],
                condition=models.Q(slot__in=[1, 2], withdrawn_at__isnull=True),
                name="two_texts_two_people",
            ),
            models.UniqueConstraint(
                fields=["pair"],
                condition=models.Q(
                    slot__isnull=False,
                    withdrawn_at__isnull=True,
                    passed_over_at__isnull=True,
                ),
                name="one_of_two_texts_stands",
            ),
        ]
        indexes = [
            # Serves "my reviews today".
            models.Index(fields=["author", "submitted_at"], name="review_by_author"),
            # Serves the efficiency number, from the index alone.
            models.Index(
                fields=["lease"],
                name="review_of_a_lease",
                include=["id"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
            # Serves "the latest review of this pair" and the statistics.
            models.Index(fields=["pair", "-submitted_at"], name="review_latest"),
            # Serves the weekly report and the tallies: "sent in between two moments".
            models.Index(fields=["submitted_at"], name="review_by_time"),
            # Serves the tallies: "not measured yet".
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

    @property
    def fix(self) -> Fix | None:
        """What quality control made of the text when it accepted it; None: as it was.

        No query if read with `select_related("verdict__fix")`.
        """
        verdict = getattr(self, "verdict", None)
        return getattr(verdict, "fix", None) if verdict and verdict.accepted else None

    @property
    def outcome(self) -> PairText:
        """The text that counts from quality control on: its fix, or the author's."""
        return self.fix.text if self.fix else self.text

    @property
    def outcome_distance(self) -> int:
        """Characters between the raw pair and `outcome`."""
        return self.fix.distance_raw if self.fix else self.distance_raw_final


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
