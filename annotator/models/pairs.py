from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain import bands
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import Arm, PairState
from annotator.models.locking import LockingQuerySet
from annotator.models.projects import Project
from annotator.models.spoken import spoken
from annotator.models.texts import HoldsText, WrittenJson
from training.examples import fingerprint

if TYPE_CHECKING:
    from annotator.models.reviews import Review


class Batch(models.Model):
    """One import: where pairs came from and what became of the rows; row and job."""

    class State(models.TextChoices):
        ASKING = "asking", _("waiting for word what its columns are")
        WAITING = "waiting", _("waiting to be read")
        READING = "reading", _("being read")
        DONE = "done", _("read")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class SameId(models.TextChoices):
        """What becomes of a row whose id the project has with another text."""

        ADD = "add", _("import it as a new pair")
        KEEP = "keep", _("keep the pair that is here, and leave the row out")
        UPDATE = "update", _("update the pair that is here if nobody has touched it")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="batches"
    )
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    rows = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    """Rows; the first of them are kept (`rejects`)."""
    remarked = models.PositiveIntegerField(default=0, db_default=0)
    """Remarks on the file and its rows; the first of them are kept (`remarks`)."""
    extra_columns = WrittenJson(default=dict, db_default={})
    """Columns that nothing here reads, and in how many rows they say something."""
    control_share = models.FloatField(null=True)
    """The share by which its pairs are dealt to the arms: the project's when it was
    imported. Empty for an older batch, whose pairs were drawn one by one."""
    state = models.CharField(
        max_length=9, default=State.WAITING, db_default="done", choices=State.choices
    )
    upload = models.CharField(max_length=64, blank=True, db_default="")
    """The file in settings.UPLOADS; empty once nothing will be read of it any more."""
    revised_as_accepted = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=12, default=spoken, db_default="en")
    """Of whoever asked for it: what it writes down for people is in it."""
    encoding = models.CharField(max_length=20, blank=True, db_default="")
    """One of formats.encodings.NAMES, as a person named it; empty: it is told apart."""
    mapping = WrittenJson(default=dict, db_default={})
    """Which column is what (formats/shapes/mapping); empty: by the usual names."""
    same_id = models.CharField(
        max_length=6, default=SameId.ADD, db_default="add", choices=SameId.choices
    )
    updated = models.PositiveIntegerField(default=0, db_default=0)
    """Rows by which a pair that was here got another text."""
    is_dry = models.BooleanField(default=False, db_default=False)
    """Whether it is read to count only: nothing is stored by it."""
    report = WrittenJson(default=dict, db_default={})
    """What reading it would do (services/trying); empty before it was tried."""
    size = models.PositiveBigIntegerField(default=0, db_default=0)
    """Bytes of the file."""
    read_bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    taken = models.PositiveIntegerField(default=0, db_default=0)
    """Rows and remarks that are stored: the reading goes on behind them."""
    reader = models.UUIDField(null=True)
    """Who reads: nobody else may store. A new one comes when this one falls silent."""
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    """Readers that have begun since a row was stored."""
    heard_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, db_default="")
    """Why it failed, in a sentence."""

    objects = LockingQuerySet["Batch"].as_manager()

    class Meta:
        indexes = [
            # Serves the clock: "which are to be read?"
            models.Index(
                fields=["id"],
                name="batch_to_be_read",
                condition=models.Q(state__in=["waiting", "reading"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RowReject(models.Model):
    """A row that could not be imported, kept so that it can be mended."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rejects")
    row = models.PositiveIntegerField(_("row"))
    message = models.TextField(_("what is wrong"))
    source = models.TextField(_("the row"), blank=True)

    class Meta:
        ordering = ["row", "pk"]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"


class Stratum(models.Model):
    """Pairs of one batch, length band and category, and how many have been dealt."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="strata")
    length_band = models.CharField(max_length=9)
    category = models.CharField(max_length=80, blank=True)
    dealt = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "length_band", "category"],
                name="a_stratum_once_a_batch",
            )
        ]

    def __str__(self) -> str:
        return f"{self.length_band} {self.category} of batch {self.batch_id}"


_RISING = sorted(bands.FROM.items(), key=lambda each: each[1])
_NAMES = ", ".join(f"'{band}'" for band, _ in _RISING)
_BOUNDS = ", ".join(str(least) for _, least in _RISING[1:])
# The three texts are counted once: a CASE would count them again for each band.
_BAND = models.Func(
    Length("instruction") + Length("input") + Length("response"),
    template=(
        f"(ARRAY[{_NAMES}])[1 + width_bucket(%(expressions)s, ARRAY[{_BOUNDS}])]"
    ),
)


def settled_before() -> datetime:
    """What was done by then can no longer be taken back."""
    return timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)


class PairQuerySet(LockingQuerySet["Pair"]):
    def in_state(self, *states: PairState) -> Self:
        return self.filter(state__in=states)

    def untouched(self) -> Self:
        """On their way to people, and nobody has had them before their eyes."""
        waiting = (PairState.QUEUED, PairState.DRAFTING, PairState.READY)
        found = self.in_state(*waiting)
        return found.filter(opened=False, first_author=None, reviews=None)

    def settled(self) -> Self:
        """Those whose last step can no longer be taken back."""
        return self.filter(state_since__lte=settled_before())

    def by_state(self) -> dict[PairState, int]:
        """How many are in each state; zeros included."""
        found = dict(self.order_by().values_list("state").annotate(models.Count("pk")))
        return {state: found.get(state, 0) for state in PairState}

    def next_up(self) -> Self:
        """Order pairs as people should meet them."""
        return self.order_by("-priority", "pk")


class Pair(HoldsText, models.Model):
    """One instruction pair as it was imported, and where it is on its way."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="pairs", db_index=False
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="pairs", db_index=False
    )
    row = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=80, blank=True)
    """Kind of task, as the file says; empty where it does not."""
    instruction = models.TextField()
    input = models.TextField(blank=True)
    response = models.TextField()
    context = WrittenJson(default=list, db_default=[])
    """The turns before it, the first one first: objects with role (system, user,
    assistant, tool) and content, and whatever else the file said of a turn."""
    shape = WrittenJson(default=dict, db_default={})
    """How its file wrote it (PairRow.shape): exports can give it back the same way."""
    extra = WrittenJson(default=dict, db_default={})
    """What else the file said of it, by column: goes out again with every export.

    Its id and category stand here if the columns above are not the file's own value to
    the letter (7 is not "7")."""
    fingerprint = models.CharField(max_length=64)
    length_band = models.GeneratedField(
        expression=_BAND, output_field=models.CharField(max_length=9), db_persist=True
    )
    """An annotator.domain.bands.LengthBand; the database keeps it."""
    state = models.CharField(
        max_length=12,
        default=PairState.IMPORTED,
        choices=[(state.value, state.value) for state in PairState],
    )
    state_since = models.DateTimeField(auto_now_add=True)
    arm = models.CharField(
        max_length=8, blank=True, choices=[(arm.value, arm.value) for arm in Arm]
    )
    dealt_as = models.PositiveIntegerField(null=True)
    """Its number in its stratum, from 0: the arm can be recounted from it."""
    priority = models.SmallIntegerField(default=0)
    draft = models.ForeignKey(
        "Draft",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    draft_coach = models.BigIntegerField(null=True)
    """The coach version of `draft`, or the one now drafting: finds stale drafts."""
    errand = models.ForeignKey(
        "Errand",
        on_delete=models.SET_NULL,
        null=True,
        related_name="pairs",
        db_index=False,
    )
    """The message that asks the engine for its draft."""
    suspicion = models.PositiveSmallIntegerField(default=0, db_default=0)
    """An annotator.domain.suspicion.Suspicion: whether engines die on it."""
    opened = models.BooleanField(default=False)
    """Whether anyone has ever held it: an opened draft keeps its coach."""
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    reserved_until = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    """Who wrote the review that waits for quality control; set at the submit."""
    to_judge = models.BooleanField(default=True)
    """Whether quality control looks at that review: drawn at the submit."""
    first_author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    """Who wrote the first of two texts; set until the second one is handed in."""
    exclusion_reason = models.CharField(
        max_length=20,
        blank=True,
        choices=[(reason.value, reason.value) for reason in ExclusionReason],
    )
    exclusion_note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "fingerprint"], name="a_pair_once_a_project"
            ),
            # Two pairs of one number would make the arms' shares wrong. Serves the key
            # of the batch, too. Numbers stand before bands, since they tell pairs apart
            # sooner: an import looks for the place of each.
            models.UniqueConstraint(
                fields=["batch", "dealt_as", "length_band", "category"],
                name="a_number_once_a_stratum",
            ),
            models.CheckConstraint(
                name="an_excluded_pair_says_why",
                condition=~models.Q(state=PairState.EXCLUDED)
                | ~models.Q(exclusion_reason=""),
            ),
            models.CheckConstraint(
                name="only_new_pairs_have_no_arm",
                condition=models.Q(state__in=[PairState.IMPORTED, PairState.EXCLUDED])
                | ~models.Q(arm=""),
            ),
        ]
        indexes = [
            # Serves claiming: "best waiting pair first", for both stages.
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_ready_for_review",
                condition=models.Q(state=PairState.READY),
            ),
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_ready_for_quality",
                condition=models.Q(state=PairState.REVIEWED, to_judge=True),
            ),
            # Serves claiming for the owner of a unit: "my people's reviews first".
            models.Index(
                fields=["reviewed_by", "-priority", "id"],
                name="pair_of_a_unit_for_quality",
                condition=models.Q(state=PairState.REVIEWED, to_judge=True),
            ),
            # Serves the sweeper of reviews that were not drawn.
            models.Index(
                fields=["state_since"],
                name="pair_not_to_be_judged",
                condition=models.Q(state=PairState.REVIEWED, to_judge=False),
            ),
            # Serves the draft batch: "next pairs without a draft".
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_waiting_for_draft",
                condition=models.Q(state=PairState.QUEUED),
            ),
            # Serves the same while the engine is busy or away: "next control pairs".
            models.Index(
                fields=["project", "-priority", "id"],
                name="pair_waiting_for_nothing",
                condition=models.Q(state=PairState.QUEUED, arm=Arm.CONTROL),
            ),
            # Serves taking back: "the pairs of an errand".
            models.Index(
                fields=["errand"],
                name="pair_on_an_errand",
                condition=models.Q(errand__isnull=False),
            ),
            # These two serve the keys alone: new pairs have neither, so that an import
            # writes nothing here.
            models.Index(
                fields=["draft"],
                name="pair_of_a_draft",
                condition=models.Q(draft__isnull=False),
            ),
            models.Index(
                fields=["reserved_for"],
                name="pair_reserved",
                condition=models.Q(reserved_for__isnull=False),
            ),
            # Serves the sweeper and the count of drafts in flight.
            models.Index(
                fields=["state_since"],
                name="pair_being_drafted",
                condition=models.Q(state=PairState.DRAFTING),
            ),
            # Serves the efficiency number, from the index alone.
            models.Index(
                fields=["project"],
                name="pair_settled",
                include=["id", "length_band", "category", "arm", "draft_coach"],
                condition=models.Q(state__in=[PairState.ACCEPTED, PairState.EXCLUDED]),
            ),
            # Serves the sweeper: "no second person came".
            models.Index(
                fields=["project"],
                name="pair_second_awaited",
                condition=models.Q(state=PairState.READY, first_author__isnull=False),
            ),
            # Serves an import whose ids the project may have: "these ids".
            models.Index(
                fields=["project", "external_id"],
                name="pair_by_external_id",
                condition=~models.Q(external_id=""),
            ),
            # Serves the funnel's counts, and the key of the project.
            models.Index(fields=["project", "state"], name="pair_funnel"),
            # Serves the tallies: "the pairs imported on a day".
            models.Index(fields=["project", "created_at"], name="pair_by_day"),
        ]

    def __str__(self) -> str:
        return f"pair {self.pk}"

    @property
    def text_fingerprint(self) -> str:
        """Of its texts alone: coaches are not shown the turns before them."""
        return fingerprint(self.text) if self.context else self.fingerprint

    @property
    def standing_review(self) -> Review:
        """The newest review that stands: what quality control is to judge."""
        return self.reviews.standing().order_by("-submitted_at", "-pk")[0]
