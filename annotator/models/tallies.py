"""Counts made beforehand for the dashboard: nothing here that rows do not say, too.

A whole day is always counted anew from rows (services/tallies/folding.py), so a tally
is never added to and cannot drift; `./coachlm recount` compares.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from annotator.models.pairs import Batch
from annotator.models.projects import Project
from training.models import CoachVersion


class StaleHour(models.Model):
    """An hour of a project in which a row was written that no tally has counted.

    Triggers of the database write it beside the row and in its transaction, whoever
    writes: so it cannot be seen before the row, nor the row without it. Only where
    triggers sleep (services/entering) the writer does so itself.
    """

    # No constraint: checking it would lock the project's one row in every step.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    hour = models.DateTimeField()
    """Its begin, in UTC."""
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["project", "hour"], name="stale_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00} of {self.project_id}"


class TallyState(models.Model):
    """How far a project's tallies are."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="tally_state"
    )
    shape = models.CharField(max_length=64)
    """Digest of what is counted, and how: after an upgrade all is counted anew."""
    folded_at = models.DateTimeField()
    """What was committed before this moment is counted."""

    def __str__(self) -> str:
        return f"{self.project_id} as of {self.folded_at}"


class PairTally(models.Model):
    """Pairs that came to a step for the first time on a day, and moves of that day."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    batch = models.ForeignKey(
        Batch, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    category = models.CharField(max_length=80, blank=True)
    imported = models.IntegerField()
    excluded = models.IntegerField()
    """First set aside; some may have been brought back since."""
    drafted = models.IntegerField()
    """First ready with the coach's draft."""
    undrafted = models.IntegerField()
    """First ready without one: the control arm."""
    reviewed = models.IntegerField()
    """First review that its author has not taken back."""
    returned = models.IntegerField()
    accepted = models.IntegerField()
    """After a review; those that came with a revision are `ready_made`."""
    ready_made = models.IntegerField()
    exported = models.IntegerField()
    # Pairs that came into a state less those that left it: the sum over all days is
    # how many are in it now.
    now_imported = models.IntegerField()
    now_excluded = models.IntegerField()
    now_queued = models.IntegerField()
    now_drafting = models.IntegerField()
    now_ready = models.IntegerField()
    now_parked = models.IntegerField()
    now_in_review = models.IntegerField()
    now_disputed = models.IntegerField()
    now_reviewed = models.IntegerField()
    now_in_quality = models.IntegerField()
    now_accepted = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day", "batch", "category"],
                name="pair_tally_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"pairs of {self.project_id} on {self.day}"


class ReviewTally(models.Model):
    """Reviews of one day, or month, that agree in all that one can filter by.

    By day of the submit; what its author took back and what was imported is left
    out. Distances are in characters, `ms` is active time in milliseconds. Months
    are the sums of their days: a year is then twelve of them. Whole ones are the sums
    over batches and categories, for when neither is asked for.
    """

    class Grain(models.TextChoices):
        DAY = "day"
        MONTH = "month"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    whole = models.BooleanField()
    """Over all batches and categories: both are then empty."""
    grain = models.CharField(max_length=5, choices=Grain.choices)
    day = models.DateField()
    """Of a month: its first."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    category = models.CharField(max_length=80, blank=True)
    coach = models.ForeignKey(
        CoachVersion,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    """Whose draft was shown; empty for the control arm."""
    reviews = models.IntegerField()
    usable = models.IntegerField()
    """Those with a usable draft. The next four are of these, and add up to it."""
    as_is = models.IntegerField()
    edited = models.IntegerField()
    rewritten = models.IntegerField()
    kept_raw = models.IntegerField()
    unchanged = models.IntegerField()
    """Without a draft, and left as it was."""
    passed = models.IntegerField()
    """Accepted by quality control."""
    returned = models.IntegerField()
    ms = models.BigIntegerField()
    raw_final = models.BigIntegerField()
    draft_final = models.BigIntegerField()
    """Of those with a usable draft."""
    measured = models.IntegerField()
    """Reviews whose fields have been measured one by one. The next six are of these."""
    in_instruction = models.BigIntegerField()
    """Characters between what was shown (draft or raw) and the final instruction."""
    in_input = models.BigIntegerField()
    in_response = models.BigIntegerField()
    touched_instruction = models.IntegerField()
    """Reviews in which the instruction was changed at all."""
    touched_input = models.IntegerField()
    touched_response = models.IntegerField()
    returned_for = ArrayField(models.IntegerField())
    """Returns by reason, in the order of REASONS."""
    tag_reviews = ArrayField(models.IntegerField())
    """Reviews with a flaw marked, in the order of TAGS; the next two likewise."""
    tag_ms = ArrayField(models.BigIntegerField())
    tag_changed = ArrayField(models.BigIntegerField())
    """Characters from raw to final."""
    seconds = models.BinaryField()
    """Each review's active milliseconds, four bytes, high one first: medians and
    outliers are exact, not read off bins."""

    class Meta:
        indexes = [
            # Serves the curves over days from the index alone.
            models.Index(
                fields=["project", "whole", "grain", "day"],
                include=[
                    "author",
                    "batch",
                    "category",
                    "coach",
                    "reviews",
                    "usable",
                    "as_is",
                    "edited",
                    "rewritten",
                    "kept_raw",
                    "passed",
                    "returned",
                    "ms",
                ],
                name="review_tally_days",
            )
        ]

    def __str__(self) -> str:
        return f"reviews of {self.project_id}, {self.grain} {self.day}"
