"""Snapshots, runs, coaches, evaluations, promotions.

`scope` is the name under which an upper package keeps its own runs and coaches (the
annotator gives each project one); this package knows nothing else about it.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from revision_engine.types import CoachRef, PairText


class Snapshot(models.Model):
    """A frozen, digested set of revision examples: what a run was trained on."""

    scope = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    """Of the training lines and the held-out lines, in order."""
    query = models.JSONField(default=dict)
    """What the upper package asked for, in its own words."""
    selection = models.JSONField(default=dict)
    """A training.selection.Selection, of what the query found."""
    offered = models.PositiveIntegerField()
    """Examples that the query found, each pair once."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"snapshot {self.sha256[:12]}"


class SnapshotItem(models.Model):
    """One example, whole: a snapshot stands without the rows it came from."""

    class Role(models.TextChoices):
        TRAIN = "train", _("trained on")
        HELD_OUT = "held_out", _("held out for measuring")

    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.CASCADE, related_name="items"
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    source_id = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    raw_instruction = models.TextField()
    raw_input = models.TextField(blank=True)
    raw_response = models.TextField()
    revised_instruction = models.TextField()
    revised_input = models.TextField(blank=True)
    revised_response = models.TextField()
    distance = models.PositiveIntegerField()
    category = models.CharField(max_length=80, blank=True)
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "fingerprint"], name="an_example_once_a_snapshot"
            )
        ]
        indexes = [
            # Serves the leak guard: "was this coach trained on this pair?"
            models.Index(fields=["fingerprint"], name="item_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.source_id}"

    @property
    def raw(self) -> PairText:
        return PairText(
            instruction=self.raw_instruction,
            input=self.raw_input,
            response=self.raw_response,
        )

    @property
    def revised(self) -> PairText:
        return PairText(
            instruction=self.revised_instruction,
            input=self.revised_input,
            response=self.revised_response,
        )


class RunQuerySet(models.QuerySet["TrainingRun"]):
    def active(self) -> Self:
        """Runs that hold the training queue."""
        return self.filter(state__in=TrainingRun.ACTIVE)


class TrainingRun(models.Model):
    """One attempt to make a coach, from the button to the evaluation."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        PREPARING = "preparing", _("preparing")
        TRAINING = "training", _("training")
        EVALUATING = "evaluating", _("evaluating")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    ACTIVE = (State.PREPARING, State.TRAINING, State.EVALUATING)

    scope = models.CharField(max_length=80)
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="runs"
    )
    parent = models.ForeignKey(
        "CoachVersion", on_delete=models.PROTECT, null=True, related_name="successors"
    )
    """The coach that it goes on from; None: the base model alone."""
    config = models.JSONField()
    """A training.config.LoraConfig, whole: the paper that goes with the adapter."""
    gate = models.JSONField(default=dict)
    """A training.evaluation.gate.Rule: what the new coach must prove."""
    takes_over = models.JSONField(default=dict)
    """A training.taking_over.TakesOver: what follows if it does."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    evaluated = models.PositiveIntegerField(default=0)
    to_evaluate = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    """Why it failed: one sentence."""
    log_tail = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            # One run at a time holds the training queue, whatever the code does.
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(state__in=["preparing", "training", "evaluating"]),
                name="one_active_run",
            )
        ]
        indexes = [models.Index(fields=["scope", "-created_at"], name="run_of_scope")]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunPoint(models.Model):
    """One point of a run's curve, as the recipe logged it."""

    class Kind(models.TextChoices):
        STEP = "step", _("training step")
        HELD_OUT = "held_out", _("held-out loss")

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="points"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    step = models.PositiveIntegerField()
    epoch = models.FloatField()
    loss = models.FloatField()
    """Mean nats a target token."""
    rate = models.FloatField(null=True)
    tokens = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        constraints = [
            # The log may be read twice; a point is written once.
            models.UniqueConstraint(
                fields=["run", "kind", "step"], name="a_point_once_a_run"
            )
        ]
        ordering = ["step"]

    def __str__(self) -> str:
        return f"{self.kind} {self.step}: {self.loss:.3f}"


class CoachVersion(models.Model):
    """One adapter with its papers; immutable once registered."""

    scope = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    run = models.OneToOneField(
        TrainingRun, on_delete=models.PROTECT, null=True, related_name="coach"
    )
    base_model = models.CharField(max_length=200)
    base_revision = models.CharField(max_length=80, blank=True)
    adapter = models.CharField(max_length=80)
    """Key of the adapter's folder in the store."""
    adapter_sha256 = models.CharField(max_length=64)
    prompt = models.CharField(max_length=40)
    wording = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "number"], name="coach_number_once_a_scope"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> CoachRef:
        """What the engine needs to run exactly this coach."""
        return CoachRef(
            name=self.name,
            base_model=self.base_model,
            base_revision=self.base_revision,
            adapter=self.adapter,
            adapter_sha256=self.adapter_sha256,
            prompt=self.prompt,
            wording=self.wording,
        )


class Evaluation(models.Model):
    """One coach measured on one pinned held-out set, beside the active one."""

    class Outcome(models.TextChoices):
        PROMOTE = "promote", _("promote")
        HOLD = "hold", _("hold")
        REJECT = "reject", _("reject")

    coach = models.ForeignKey(
        CoachVersion, on_delete=models.CASCADE, related_name="evaluations"
    )
    current = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    """The coach that was active then; None: there was none to beat."""
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    """What the gate decided; empty where it was not asked."""
    reasons = models.JSONField(default=list)
    """The gate's, as training.evaluation.gate wrote them."""
    rule = models.JSONField(default=dict)
    """The training.evaluation.gate.Rule it decided by."""
    held_out_sha256 = models.CharField(max_length=64)
    examples = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    """Held-out pairs that one of the coaches was trained on: measured for neither."""
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"evaluation of {self.coach_id}"


class EvaluationFigure(models.Model):
    """One measured figure with its 95 % bootstrap interval."""

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.CASCADE, related_name="figures"
    )
    name = models.CharField(max_length=40)
    side = models.CharField(max_length=12)
    """`raw`, `coach`, `current`, `difference` (coach less current), or empty where a
    figure compares coach and raw."""
    category = models.CharField(max_length=80, blank=True)
    """The pairs it is of; empty: all."""
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    unit = models.CharField(max_length=40)
    n = models.PositiveIntegerField(null=True)
    """How many pairs it was measured on."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "name", "side", "category"],
                name="a_figure_once_a_side_a_category",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.side} {self.value:.3f}"


class EvaluationSample(models.Model):
    """One held-out pair with the coach's draft of it: what the figures recount from."""

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.CASCADE, related_name="samples"
    )
    source_id = models.CharField(max_length=80)
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    problem = models.CharField(max_length=24, blank=True)
    distance_raw = models.PositiveIntegerField()
    distance_draft = models.PositiveIntegerField()
    raw = models.JSONField(default=dict)
    """The raw pair: instruction, input, response."""
    expert = models.JSONField(default=dict)
    """The person's text, likewise."""
    category = models.CharField(max_length=80, blank=True)
    parseable = models.BooleanField(default=True)
    """Of the coach's answer as it came."""
    loop = models.BooleanField(default=False)
    """Likewise: the draft that is shown never has one."""
    loss = models.FloatField(null=True)
    """Nats, summed over the tokens of the person's text; None: not measured."""
    tokens = models.PositiveIntegerField(default=0)
    current = models.JSONField(null=True)
    """The active coach on the same pair: `draft` and the like, as they stand here."""

    def __str__(self) -> str:
        return f"sample {self.source_id}"


class Promotion(models.Model):
    """One line of the log of who made which coach the active one, and why."""

    class Way(models.TextChoices):
        GATE = "gate", _("by the gate")
        PERSON = "person", _("as the gate advised")
        CHALLENGE = "challenge", _("after a challenge")
        OVERRULED = "overruled", _("against the gate")
        ROLLED_BACK = "rolled_back", _("rolled back")

    way = models.CharField(max_length=12, choices=Way.choices, blank=True)
    """Empty: there was no gate to ask, as for a project's first coach."""
    scope = models.CharField(max_length=80)
    coach = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="promotions"
    )
    previous = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True
    )
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # Serves "the active coach of a scope": the newest line.
            models.Index(fields=["scope", "-id"], name="promotion_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} promoted"


class ActiveCoach(models.Model):
    """The coach that drafts for a scope now: one row, moved under a lock."""

    scope = models.CharField(max_length=80, unique=True)
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.scope}: {self.coach}"


class Challenge(models.Model):
    """A coach on trial: it writes a share of a scope's new drafts, blind."""

    class Outcome(models.TextChoices):
        WON = "won", _("the challenger took over")
        LOST = "lost", _("the champion stayed")
        STOPPED = "stopped", _("stopped without a decision")

    scope = models.CharField(max_length=80)
    champion = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="+"
    )
    challenger = models.ForeignKey(
        CoachVersion, on_delete=models.PROTECT, related_name="challenges"
    )
    share = models.FloatField()
    """Of the new drafts, 0 to 1, that the challenger writes."""
    needed = models.PositiveIntegerField()
    """Reviews of each coach before it can be decided."""
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    """Empty while it is open."""
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=models.Q(outcome=""),
                name="one_open_challenge_a_scope",
            )
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.challenger} challenges {self.champion}"
