from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain.states import Stage
from annotator.models.drafts import Draft
from annotator.models.locking import LockingQuerySet
from annotator.models.pairs import Pair
from annotator.models.projects import Project
from annotator.models.texts import HoldsText


class LeaseQuerySet(LockingQuerySet["Lease"]):
    def of_project(self, project: Project) -> Self:
        """Holds on pairs of a project, and of its checks."""
        own = models.Q(pair__project=project)
        return self.filter(own | models.Q(pair__project__checks_of=project))

    def running(self) -> Self:
        """Not ended: some of them may have run out, and nobody has taken them yet."""
        return self.filter(ended_at=None)

    def run_out(self) -> Self:
        """Over by their own time, whether or not a sweep has come by."""
        return self.running().filter(expires_at__lt=timezone.now())


class Lease(models.Model):
    """One person's hold on one pair for one stage; ended ones stay as history.

    The token is the fence: a submit must carry it, and it is worth something only
    while `ended_at` is empty.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="leases")
    stage = models.CharField(
        max_length=8, choices=[(stage.value, stage.value) for stage in Stage]
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="leases"
    )
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True)
    """The draft that was shown; empty for the control arm and in quality control."""
    first_time = False
    """Known right after the claim: nobody has ever held the pair before."""
    tab = models.UUIDField(null=True)
    """The browser tab that may type: a second one reads until it takes over."""
    tab_seen_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(null=True)
    """Of its holder, from its ticks, by the idle limit when it ended; empty before."""

    objects = LeaseQuerySet.as_manager()

    class Meta:
        constraints = [
            # No pair is ever with two people, whatever the code above does.
            models.UniqueConstraint(
                fields=["pair"],
                condition=models.Q(ended_at__isnull=True),
                name="one_holder_a_pair",
            ),
            # Resume first: a person has one pair a project stage, enforced by claim.
        ]
        indexes = [
            # Serves the sweeper.
            models.Index(
                fields=["expires_at"],
                name="lease_running",
                condition=models.Q(ended_at__isnull=True),
            ),
            # Serves the time spent on a pair, over all its leases.
            models.Index(fields=["pair", "holder"], name="lease_of_a_pair"),
            # Serves "my pair" at the start of a claim.
            models.Index(
                fields=["holder", "stage"],
                name="lease_mine",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.pair_id} by {self.holder_id}"


class Autosave(HoldsText, models.Model):
    """What a person has typed and not submitted; outlives the lease."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="autosaves")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="autosaves"
    )
    revision = models.PositiveIntegerField(default=1)
    tab = models.UUIDField(null=True)
    """The browser tab that wrote it last."""
    instruction = models.TextField(blank=True)
    input = models.TextField(blank=True)
    response = models.TextField(blank=True)
    saved_at = models.DateTimeField(auto_now=True)
    used_at = models.DateTimeField(null=True)
    """When it became a review: from then on it is not offered again."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "author"], name="one_autosave_a_person_a_pair"
            )
        ]

    def __str__(self) -> str:
        return f"r{self.revision} of {self.pair_id}"


class KeptText(HoldsText, models.Model):
    """Typed text that something else took the place of: kept, and in the history."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="kept_texts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    instruction = models.TextField(blank=True)
    input = models.TextField(blank=True)
    response = models.TextField(blank=True)
    why = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"text of {self.author_id} for {self.pair_id}: {self.why}"


class Skip(models.Model):
    """A pair that a person passed on, and why."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", _("I do not understand it")
        TOO_LONG = "too_long", _("too long for now")
        NOT_MY_FIELD = "not_my_field", _("not my field")
        OTHER = "other", _("another reason")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="skips")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skips"
    )
    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.TextField(blank=True)
    policy = models.CharField(max_length=8)
    """The project's policy at that moment."""
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # Serves the queue: "not what this person has skipped".
            models.Index(fields=["person", "pair"], name="skip_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.pair_id} skipped: {self.reason}"


class Tick(models.Model):
    """One heartbeat of an open page: the raw material of active time."""

    lease = models.ForeignKey(Lease, on_delete=models.CASCADE, related_name="ticks")
    at = models.DateTimeField(auto_now_add=True)
    active = models.BooleanField()
    """Typed, scrolled or moved the pointer since the last tick, page visible."""

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}{' active' if self.active else ''}"
