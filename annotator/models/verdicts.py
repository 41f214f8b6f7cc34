from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotator.models.projects import Project
from annotator.models.reviews import Review
from annotator.models.texts import HoldsText


class BulkAcceptance(models.Model):
    """One deed of a lead: sure drafts that people left as they were, accepted unseen.

    A share of them was kept for a person to judge: `Review.audit_of`.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="bulk_acceptances"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    threshold = models.FloatField()
    """Lowest mean log-probability of a draft that was taken."""
    audit_share = models.FloatField()
    """Share that was to be kept for a person, 0 to 1."""
    accepted = models.PositiveIntegerField(default=0)
    audited = models.PositiveIntegerField(default=0)
    """Reviews kept for a person."""
    undone_at = models.DateTimeField(null=True)
    """Taken back by its lead at once: what had not moved on waits again."""

    def __str__(self) -> str:
        return f"bulk acceptance {self.pk}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def own(self) -> Self:
        """Those that the author of the review gave: nobody else has looked."""
        return self.filter(judge=F("review__author"))


class Verdict(models.Model):
    """Quality control's answer to one review."""

    class Reason(models.TextChoices):
        INCOMPLETE = "incomplete", _("not all necessary revisions made")
        INCORRECT = "incorrect", _("a fact or a calculation is wrong")
        STYLE = "style", _("language, structure or tone")
        UNSAFE = "unsafe", _("unsafe")
        OVERDONE = "overdone", _("changed more than needed")

    class Kind(models.TextChoices):
        JUDGED = "judged", _("judged by a person")
        UNSAMPLED = "unsampled", _("not drawn for quality control: nobody looked")
        BULK = "bulk", _("accepted in bulk: nobody looked")
        IMPORTED = "imported", _("came with the import as accepted")

    review = models.OneToOneField(Review, on_delete=models.PROTECT)
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    kind = models.CharField(
        max_length=9, default=Kind.JUDGED, choices=Kind.choices, db_default=Kind.JUDGED
    )
    """How it came about. Only judged ones say something about a person's work."""
    bulk = models.ForeignKey(
        BulkAcceptance, on_delete=models.PROTECT, null=True, related_name="verdicts"
    )
    accepted = models.BooleanField()
    reason = models.CharField(max_length=12, blank=True, choices=Reason.choices)
    """The main reason of a return; all of them are in `tags`."""
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    active_seconds = models.FloatField(default=0.0)

    objects = models.Manager.from_queryset(VerdictQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_return_has_a_reason",
                condition=Q(accepted=True) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="who_did_not_look_is_no_judge",
                condition=Q(kind="judged") | Q(judge=None, accepted=True),
            ),
            models.CheckConstraint(
                name="a_bulk_verdict_names_its_bulk",
                condition=Q(kind="bulk", bulk__isnull=False)
                | (~Q(kind="bulk") & Q(bulk=None)),
            ),
        ]
        indexes = [
            # Serves the snapshot and "n newly accepted since the last run".
            models.Index(
                fields=["created_at"],
                name="verdict_accepted",
                condition=Q(accepted=True),
            ),
            # Serves the weekly report: verdicts between two moments.
            models.Index(fields=["created_at"], name="verdict_by_time"),
        ]

    def __str__(self) -> str:
        return "accepted" if self.accepted else f"sent back: {self.reason}"

    @property
    def is_own(self) -> bool:
        """Whether the author of the review gave it."""
        return self.judge_id is not None and self.judge_id == self.review.author_id


def by_another(reviews: str = "") -> Q:
    """Of reviews, found behind the prefix `reviews`: judged by somebody other than
    their author, so by quality control in earnest."""
    judged = Q((f"{reviews}verdict__kind", Verdict.Kind.JUDGED))
    return judged & ~Q((f"{reviews}verdict__judge", F(f"{reviews}author")))


class VerdictTag(models.Model):
    """One reason of a return."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="tags")
    reason = models.CharField(max_length=12, choices=Verdict.Reason.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["verdict", "reason"], name="a_reason_once_a_verdict"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class Fix(HoldsText, models.Model):
    """A reviewer's own text of a review: a whole copy, never changed.

    With an accepted verdict it is what counts from then on; with a return it is what
    the reviewer would have written, for the author to see.
    """

    verdict = models.OneToOneField(
        Verdict, on_delete=models.CASCADE, related_name="fix"
    )
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    distance = models.PositiveIntegerField()
    """Characters between the author's text and this one (Levenshtein)."""
    distance_raw = models.PositiveIntegerField()
    """Characters between the raw pair and this one."""

    def __str__(self) -> str:
        return f"fix of {self.distance} characters"
