from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain.blind_ratings import Choice, Mode, Side
from annotator.models.dataset_reports import DatasetReport
from annotator.models.locking import LockingQuerySet
from annotator.models.model_studies import ModelStudy
from annotator.models.pairs import Pair
from annotator.models.projects import Project
from annotator.models.texts import WrittenJson
from revision_engine.types import PairText


class BlindRating(models.Model):
    """People are asked which texts are better, and do not know whose they are."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="blind_ratings"
    )
    report = models.ForeignKey(
        DatasetReport,
        on_delete=models.CASCADE,
        null=True,
        related_name="blind_ratings",
    )
    study = models.ForeignKey(
        ModelStudy, on_delete=models.CASCADE, null=True, related_name="blind_ratings"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    mode = models.CharField(
        max_length=7,
        choices=[
            (Mode.RATE.value, _("rated from 0 to 100")),
            (Mode.COMPARE.value, _("compared side by side")),
        ],
    )
    one = models.CharField(max_length=16)
    """What is to beat: `raw`, or an arm of the study."""
    other = models.CharField(max_length=16)
    """What stands beside it: `revised`, or another arm."""
    raters = models.PositiveSmallIntegerField()
    """People who meet each text."""
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="BlindRater", related_name="+"
    )
    """Who was asked."""
    ended_at = models.DateTimeField(null=True)
    """A lead ended it: nothing is handed out any more."""

    objects = LockingQuerySet["BlindRating"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_blind_rating_is_of_a_report_or_a_study",
                condition=Q(report__isnull=False, study=None)
                | Q(report=None, study__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"blind rating {self.pk}"

    @property
    def sides(self) -> tuple[str, ...]:
        """What of each pair is a text to rate; one empty name: both at once."""
        return ("",) if self.mode == Mode.COMPARE else tuple(Side)


class BlindRater(models.Model):
    """One person who was asked."""

    rating = models.ForeignKey(BlindRating, on_delete=models.CASCADE)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rating", "person"], name="a_rater_once_a_blind_rating"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} of blind rating {self.rating_id}"


class BlindPair(models.Model):
    """The same pair twice, as one and as the other, as it was when it was drawn."""

    rating = models.ForeignKey(
        BlindRating, on_delete=models.CASCADE, related_name="pairs"
    )
    number = models.PositiveIntegerField()
    pair = models.ForeignKey(Pair, on_delete=models.SET_NULL, null=True)
    """Of the project, where it is one: whoever wrote or judged it rates others."""
    item = models.CharField(max_length=16, blank=True)
    seed = models.PositiveBigIntegerField(null=True)
    """Of a model study: the key of the instruction, and the seed of the models that
    answered it; intervals are over both."""
    one = WrittenJson()
    """Instruction, input and response."""
    other = WrittenJson()
    judged = WrittenJson(default=dict)
    """What other judges say of both, by their names: `version`, `winner` (a Choice, or
    None), `one` and `other` (ratings, or None), `seen` (was it fitted on the pair?)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rating", "number"], name="a_number_once_a_blind_rating"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} of blind rating {self.rating_id}"

    def text(self, side: str) -> PairText:
        return PairText(**(self.one if side == Side.ONE else self.other))


class BlindAnswerQuerySet(models.QuerySet["BlindAnswer"]):
    def given(self) -> Self:
        """Those that say something."""
        return self.filter(answered_at__isnull=False, is_passed=False)

    def holding(self) -> Self:
        """Those that take a place among a text's raters: answered, or in hand."""
        now = timezone.now()
        return self.filter(is_passed=False).filter(
            Q(answered_at__isnull=False) | Q(expires_at__gte=now)
        )


class BlindAnswer(models.Model):
    """One person's hold on one text, and then what they say of it."""

    pair = models.ForeignKey(
        BlindPair, on_delete=models.CASCADE, related_name="answers"
    )
    side = models.CharField(
        max_length=5, blank=True, choices=[(side.value, side.value) for side in Side]
    )
    """Of a text that is rated; empty where both are compared."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    deed = models.UUIDField(null=True)
    """By which the page knows that it is done, and takes it back."""
    is_passed = models.BooleanField(default=False)
    """The person cannot tell: somebody else is asked."""
    choice = models.CharField(
        max_length=5, blank=True, choices=[(each.value, each.value) for each in Choice]
    )
    instruction = models.PositiveSmallIntegerField(null=True)
    """Score of the instruction, 0 to 100; None where it is not asked for."""
    response = models.PositiveSmallIntegerField(null=True)

    objects = models.Manager.from_queryset(BlindAnswerQuerySet)()

    class Meta:
        constraints = [
            # Nobody meets a text twice, whatever the code above does.
            models.UniqueConstraint(
                fields=["pair", "side", "person"], name="a_text_once_a_rater"
            ),
            models.CheckConstraint(
                name="a_given_answer_says_something",
                condition=Q(answered_at=None)
                | Q(is_passed=True)
                | ~Q(choice="")
                | Q(response__isnull=False),
            ),
            models.CheckConstraint(
                name="a_blind_score_is_at_most_100",
                condition=(Q(instruction=None) | Q(instruction__lte=100))
                & (Q(response=None) | Q(response__lte=100)),
            ),
        ]
        indexes = [
            # Serves "the person's newest answer", to take it back.
            models.Index(fields=["person", "-answered_at"], name="answer_by_rater"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} of {self.pair_id}{self.side}"
