from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.mistakes import Kind
from annotator.domain.planting import CheckOutcome, Planted
from annotator.domain.states import CheckKind
from annotator.models.pairs import Pair
from annotator.models.projects import Project
from annotator.models.reviews import Review


class Gold(models.Model):
    """A lead's word that an accepted text is as good as such a text can be."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chosen_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    """No longer shown to anybody; what it showed before stays."""

    def __str__(self) -> str:
        return f"gold: {self.review}"


class Check(models.Model):
    """One pair that only looked like work, for one person, and what came of it.

    What is shown is a pair of the project's checks project, so that no figure, export
    or training set of the project can ever count it (docs/adr/0009).
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="checks"
    )
    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="as_check")
    """The pair that was shown; of the checks project."""
    source = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="checks_made"
    )
    """The accepted review whose text was planted in, or is the gold one."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="checks"
    )
    kind = models.CharField(
        max_length=8,
        choices=[
            (CheckKind.PLANTED.value, _("planted mistake")),
            (CheckKind.GOLD.value, _("gold pair")),
        ],
    )
    number = models.PositiveIntegerField()
    """Which of the person's holds it was drawn for, counted from 1."""
    planted_share = models.FloatField()
    gold_share = models.FloatField()
    """The project's shares at that moment: with the number they tell the draw again."""
    mistake = models.CharField(
        max_length=10, blank=True, choices=[(kind.value, kind.value) for kind in Kind]
    )
    start = models.PositiveIntegerField(default=0)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    review = models.OneToOneField(
        Review, on_delete=models.PROTECT, null=True, related_name="answered_check"
    )
    """The person's text; empty until they hand it in."""
    outcome = models.CharField(
        max_length=8,
        blank=True,
        choices=[
            (CheckOutcome.MENDED.value, _("mended")),
            (CheckOutcome.CHANGED.value, _("gone, other words in its place")),
            (CheckOutcome.LEFT.value, _("still there")),
        ],
    )
    similarity = models.FloatField(null=True)
    """Word similarity of the person's text to the source's; of gold pairs."""
    similarity_shown = models.FloatField(null=True)
    """The same for the text that the person began with."""
    made_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When the person saw the result at the desk."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "person", "number"], name="one_check_a_hold"
            ),
            models.UniqueConstraint(
                fields=["person", "source"], name="a_text_once_a_person"
            ),
            models.CheckConstraint(
                name="a_planted_check_has_a_mistake",
                condition=~models.Q(kind=CheckKind.PLANTED) | ~models.Q(mistake=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"

    @property
    def planted(self) -> Planted:
        """The mistake as it was shown."""
        draft = self.pair.draft
        return Planted(
            kind=Kind(self.mistake),
            response=draft.response if draft else "",
            start=self.start,
            before=self.before,
            after=self.after,
        )

    @property
    def is_noticed(self) -> bool:
        """Whether the mistake is gone from the person's text."""
        return self.outcome in {CheckOutcome.MENDED, CheckOutcome.CHANGED}


class SignsOpened(models.Model):
    """When somebody last opened the page of their own signs: leads see them after."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "person"], name="signs_opened_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.at}"
