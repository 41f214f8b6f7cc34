from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.rubric import ExclusionReason
from annotator.models.locking import LockingQuerySet
from annotator.models.pairs import Pair
from annotator.models.projects import Project
from annotator.models.spoken import spoken


class ProjectRule(models.Model):
    """One rule of a project's list: where it stands, and how it is set."""

    class Way(models.TextChoices):
        TAG = "tag", _("tag it")
        PROPOSE = "propose", _("propose to a lead")
        AT_ONCE = "at_once", _("set aside at once")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rules")
    key = models.CharField(max_length=40)
    """Of a rule in annotator.formats.rules.registry."""
    position = models.PositiveSmallIntegerField()
    is_on = models.BooleanField(default=True)
    way = models.CharField(max_length=7, default=Way.PROPOSE, choices=Way.choices)
    """What becomes of a pair that it would set aside."""
    settings = models.JSONField(default=dict)
    """Only what differs from the rule's defaults."""

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"], name="a_rule_once_a_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.project_id}"


class LogFormat(models.Model):
    """How a line of a project's logs becomes a pair."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, primary_key=True, related_name="log_format"
    )
    pattern = models.TextField()
    """With named groups, as annotator.formats.rules.parsing.LogPattern reads it."""
    unescape = models.BooleanField(default=False)
    """Whether escapes such as \\n are read as what they stand for."""

    def __str__(self) -> str:
        return f"log format of {self.project_id}"


class RuleRun(models.Model):
    """One run of a project's rules over its untouched pairs; row and job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to begin")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being put back")
        UNDONE = "undone", _("put back")

    class Phase(models.TextChoices):
        PAIRS = "pairs", _("pair by pair")
        COMPARE = "compare", _("comparing pairs")
        UNDO = "undo", _("putting back")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="rule_runs"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    rules = models.JSONField()
    """The list as it was when the run began: key, way and settings, in order."""
    state = models.CharField(max_length=9, default=State.WAITING, choices=State.choices)
    phase = models.CharField(max_length=7, default=Phase.PAIRS, choices=Phase.choices)
    total = models.PositiveIntegerField(default=0)
    """Pairs of the phase, as counted at its begin."""
    done = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    """The last pair (primary key) whose results are stored."""
    changed = models.PositiveIntegerField(default=0)
    """Pairs with an altered text."""
    busy = models.PositiveIntegerField(default=0)
    """Pairs passed over, since a coach was drafting them."""
    put_back = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    """Pairs that could not be put back: touched, or altered again since."""
    runner = models.UUIDField(null=True)
    """Who runs it: nobody else may store."""
    tries = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: what it writes down for people is in it."""
    problem = models.TextField(blank=True)

    objects = LockingQuerySet["RuleRun"].as_manager()

    class Meta:
        constraints = [
            # Two would alter the same texts.
            models.UniqueConstraint(
                fields=["project"],
                name="one_run_of_rules_at_a_time",
                condition=models.Q(state__in=["waiting", "running", "undoing"]),
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of the rules of {self.project_id}"


class RuleCount(models.Model):
    """What one rule made of the pairs of a run; numbers are pairs."""

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="counts")
    rule = models.CharField(max_length=40)
    found = models.PositiveIntegerField(default=0)
    """Of which it said anything."""
    fixed = models.PositiveIntegerField(default=0)
    tagged = models.PositiveIntegerField(default=0)
    proposed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "rule"], name="a_count_once_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.rule} of run {self.run_id}"


class RuleChange(models.Model):
    """What a rule altered in one field of a raw pair, so that it can be put back."""

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="changes")
    pair = models.ForeignKey(
        Pair, on_delete=models.CASCADE, related_name="rule_changes", db_index=False
    )
    rule = models.CharField(max_length=40)
    field = models.CharField(max_length=11)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    dealt_as = models.PositiveIntegerField(null=True)
    """The number that the pair had in its stratum before."""
    at = models.DateTimeField()
    put_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            # Serves a pair's history, and "is this draft of the text it has now?".
            models.Index(fields=["pair", "at"], name="change_of_a_pair"),
            # Serves putting a run back, pair by pair.
            models.Index(
                fields=["run", "pair"],
                name="change_that_stands",
                condition=models.Q(put_back_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} on {self.field} of {self.pair_id}"


class RuleProposal(models.Model):
    """A rule would set a pair aside: for a lead to decide, or done at once."""

    class Outcome(models.TextChoices):
        WAITS = "", _("waits")
        TAKEN = "taken", _("set aside")
        LEFT = "left", _("left in the work")
        AT_ONCE = "at_once", _("set aside at once")
        LATE = "late", _("too late: somebody had touched it")
        WITHDRAWN = "withdrawn", _("withdrawn with its run")

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="proposals")
    pair = models.ForeignKey(
        Pair, on_delete=models.CASCADE, related_name="rule_proposals"
    )
    rule = models.CharField(max_length=40)
    reason = models.CharField(
        max_length=20,
        choices=[(reason.value, reason.value) for reason in ExclusionReason],
    )
    sentence = models.TextField()
    outcome = models.CharField(max_length=9, blank=True, choices=Outcome.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = LockingQuerySet["RuleProposal"].as_manager()

    class Meta:
        constraints = [
            # A comparison that is run again after a kill proposes nothing twice.
            models.UniqueConstraint(
                fields=["run", "pair", "rule"], name="a_proposal_once_a_run"
            )
        ]
        indexes = [
            # Serves the list of proposals: what waits, in order.
            models.Index(
                fields=["run", "id"],
                name="proposal_waiting",
                condition=models.Q(outcome=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} on pair {self.pair_id}"


class PairTag(models.Model):
    """A word that a rule gave a pair; the newest run's stand."""

    run = models.ForeignKey(RuleRun, on_delete=models.CASCADE, related_name="tags")
    pair = models.ForeignKey(
        Pair, on_delete=models.CASCADE, related_name="tags", db_index=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=40)
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["rule", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "rule", "name"], name="a_tag_once_a_pair"
            )
        ]
        indexes = [
            # Serves the filter of pairs, and the tags that there are.
            models.Index(fields=["project", "name", "pair"], name="pair_by_tag")
        ]

    def __str__(self) -> str:
        return self.name
