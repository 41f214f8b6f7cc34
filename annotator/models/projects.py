from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from annotator.domain import vigilance
from annotator.domain.quality_sampling import WINDOW, QualityMode, Rule
from annotator.domain.roles import Role
from annotator.domain.states import QueueOrder, SkipPolicy
from revision_engine import prompts
from training import taking_over
from training.starting import Start

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]
STARTS = [
    (Start.IMPORTED.value, _("the coach that came with the project")),
    (Start.ACTIVE.value, _("the coach that drafts now")),
    (Start.BASE.value, _("the base model alone")),
]
QUIET_BELOW = 0.28
"""The threshold where no project says another (docs/coaches.md has the curve)."""
AT_MOST_HALF = [MinValueValidator(0.0), MaxValueValidator(0.5)]


class User(AbstractUser):
    """A person. Roles are held per project, in Membership."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("as the system has it")
        LIGHT = "light", pgettext_lazy("theme", "light")
        DARK = "dark", pgettext_lazy("theme", "dark")

    language = models.CharField(
        _("language of the pages"),
        max_length=12,
        blank=True,
        default="",
        help_text=_("Empty: as the browser asks."),
    )
    theme = models.CharField(
        _("theme"), max_length=5, blank=True, default="", choices=Theme.choices
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        default="",
        help_text=_("Times on pages are shown in it; figures by day are not."),
    )
    has_keys = models.BooleanField(_("single keys are shortcuts"), default=True)
    notices = models.JSONField(default=dict, blank=True)
    """Of each kind of news: "off", "digest" or "at once"; one left out is as usual."""
    seen_at = models.DateTimeField(null=True, editable=False)
    """When they last opened a page, to five minutes."""

    @property
    def full_name(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def roles_read(self) -> dict[int, Role | None]:
        """What `policies.role_of` has read for this object."""
        return {}


class ProjectManager(models.Manager["Project"]):
    """Projects that people may enter; not those that hold a project's checks, or are
    being deleted."""

    def get_queryset(self) -> models.QuerySet[Project]:
        return super().get_queryset().filter(checks_of=None, deleting_since=None)

    def active(self) -> models.QuerySet[Project]:
        """Those in which work goes on."""
        return self.get_queryset().filter(archived_at=None)


class EveryProject(models.Manager["Project"]):
    """Those that hold checks or are being deleted, too."""


class Project(models.Model):
    """One body of pairs with its people, its rules and its coach."""

    slug = models.SlugField(_("short name for addresses"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    language = models.CharField(_("language of the pairs"), max_length=12, default="en")
    control_share = models.FloatField(
        _("share of pairs without a draft"),
        default=0.1,
        validators=SHARE,
        help_text=_("0 to 1. These pairs measure what the coach is worth."),
    )
    drafts_ahead = models.PositiveIntegerField(
        _("pairs kept ready ahead of the annotators"),
        default=40,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    lease_minutes = models.PositiveIntegerField(
        _("minutes a pair stays with an idle person"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    idle_seconds = models.PositiveIntegerField(
        _("seconds without activity that still count as work"),
        default=120,
        validators=[MinValueValidator(15), MaxValueValidator(1800)],
    )
    skip_policy = models.CharField(
        _("who gets a skipped pair"),
        max_length=8,
        default=SkipPolicy.OTHERS,
        choices=[
            (SkipPolicy.OTHERS.value, _("the others, not the person who skipped it")),
            (SkipPolicy.LATER.value, _("the same person, after the other pairs")),
            (SkipPolicy.LEAD.value, _("nobody until a lead has decided")),
        ],
    )
    queue_order = models.CharField(
        _("which pair comes first"),
        max_length=8,
        default=QueueOrder.IMPORTED,
        choices=[
            (QueueOrder.IMPORTED.value, _("as they were imported")),
            (QueueOrder.UNSURE.value, _("drafts the coach is least sure of")),
            (QueueOrder.LARGEST.value, _("drafts that change most")),
            (QueueOrder.SMALLEST.value, _("drafts that change least")),
        ],
    )
    quiet_below = models.FloatField(
        _("hold a draft back that saves work with less than this probability"),
        default=QUIET_BELOW,
        validators=SHARE,
        help_text=_(
            "0 to 1; 0 shows every draft. The raw pair is shown instead, and the draft "
            "on a key. One pair in ten is shown its draft all the same, to check by."
        ),
    )
    spare_below = models.FloatField(
        _("spare people pairs of which the draft changes less than this share"),
        default=0.0,
        validators=SHARE,
        help_text=_(
            "0 to 1, in characters of the raw pair; 0 is off. Spared pairs are "
            "excluded with that reason. The control pairs have no draft to tell by, so "
            "with and without the coach are then no longer the same kind of pairs."
        ),
    )
    quality_mode = models.CharField(
        _("what quality control looks at"),
        max_length=8,
        default=QualityMode.ADAPTIVE,
        choices=[
            (
                QualityMode.ADAPTIVE.value,
                _("a share of each person's reviews, by how they fare"),
            ),
            (QualityMode.ALL.value, _("every review")),
        ],
    )
    quality_full = models.PositiveIntegerField(
        _("judged reviews until a person may be sampled"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(WINDOW)],
        help_text=_("Until then everything of a new person is looked at."),
    )
    quality_floor = models.FloatField(
        _("lowest share of a person's reviews that is looked at"),
        default=0.1,
        validators=SHARE,
        help_text=_("0 to 1."),
    )
    quality_slip = models.FloatField(
        _("share of reviews that may be wrong and unseen"),
        default=0.05,
        validators=SHARE,
        help_text=_(
            "0 to 1. Each person's sampling rate is the lowest that keeps it, as far "
            "as their judged reviews can tell. Bulk acceptance is measured by it, too."
        ),
    )
    return_days = models.PositiveIntegerField(
        _("days a returned pair waits for its author"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_("Then anyone may take it."),
    )
    blind_author = models.BooleanField(
        _("quality control does not see who wrote a review"), default=False
    )
    blind_arm = models.BooleanField(
        _("quality control does not see whether there was a draft"), default=False
    )
    alpha = models.FloatField(
        _("alpha: share of the reviews a coach is trained on"),
        default=0.3,
        validators=[MinValueValidator(0.01), MaxValueValidator(1.0)],
        help_text=_(
            "Largest edit distance first. The paper's 0.3 is for a large model; the "
            "small one that comes along learned more from 1."
        ),
    )
    train_from = models.CharField(
        _("a new coach goes on from"),
        max_length=8,
        default=Start.IMPORTED,
        choices=STARTS,
        help_text=_(
            "With few reviews a coach that starts from the base model knows little; "
            "with thousands it owes nothing to what others taught."
        ),
    )
    retrain_after = models.PositiveIntegerField(
        _("retrain after this many newly accepted reviews"),
        default=0,
        help_text=_("0 switches it off: coaches are then trained by hand only."),
    )
    retrain_days = models.PositiveIntegerField(
        _("at most one scheduled run in this many days"),
        default=1,
        validators=[MaxValueValidator(365)],
        help_text=_("0: as soon as the reviews are there."),
    )
    retrain_paused = models.BooleanField(_("the schedule is paused"), default=False)
    takes_over = models.CharField(
        _("a coach that the gate lets pass"),
        max_length=9,
        default=taking_over.Way.AT_ONCE,
        choices=[
            (taking_over.Way.AT_ONCE.value, _("takes over at once")),
            (
                taking_over.Way.CHALLENGE.value,
                _("first drafts a share of the pairs, blind"),
            ),
            (taking_over.Way.WAIT.value, _("waits for a person to promote it")),
        ],
    )
    challenge_share = models.FloatField(
        _("share of new drafts that a challenger writes"),
        default=0.5,
        validators=[MinValueValidator(0.01), MaxValueValidator(0.99)],
    )
    challenge_reviews = models.PositiveIntegerField(
        _("reviews of each coach before a challenge can be decided"),
        default=100,
        validators=[MinValueValidator(10), MaxValueValidator(100_000)],
    )
    gate = models.JSONField(_("the gate's rule"), default=dict, blank=True)
    """A training.evaluation.gate.Rule; only what differs from its defaults."""
    overlap_share = models.FloatField(
        _("share of pairs that two people revise"),
        default=0.0,
        validators=SHARE,
        help_text=_(
            "0 to 1; 0 is off. One after the other, blind to each other: for agreement."
        ),
    )
    overlap_similarity = models.FloatField(
        _("two texts agree if their words are alike to this share"),
        default=0.9,
        validators=SHARE,
        help_text=_(
            "0 to 1, and if both made the same of the draft. Otherwise a lead chooses."
        ),
    )
    overlap_days = models.PositiveIntegerField(
        _("days after which a pair goes on without a second person"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    planted_share = models.FloatField(
        _("share of drafts with a planted mistake"),
        default=0.0,
        validators=AT_MOST_HALF,
        help_text=_(
            "0 to 0.5 of what a person opens; 0 is off. An accepted text with one "
            "mistake, shown as a draft. The person is told at once; it never becomes "
            "training data."
        ),
    )
    gold_share = models.FloatField(
        _("share of gold pairs"),
        default=0.0,
        validators=AT_MOST_HALF,
        help_text=_("The same for pairs of which a lead has chosen the best text."),
    )
    reading_floor = models.FloatField(
        _("words a second that nobody reads faster than"),
        default=vigilance.READING_FLOOR,
        validators=[MinValueValidator(1.0), MaxValueValidator(100.0)],
        help_text=_(
            "Raw pair and draft together. Adults read 4 words a second. In Chinese and "
            "Japanese a character counts as a word: set about 14."
        ),
    )
    signs_days = models.PositiveIntegerField(
        _("days for which only a person themself sees their newest signs"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Leads see them earlier once the person has opened them."),
    )
    checks_of = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="checks_project"
    )
    """Set for a project that only holds another one's checks (docs/adr/0009)."""
    wording = models.TextField(
        _("what a new coach is told to do"), default=prompts.PUBLISHED_WORDING
    )
    own_judged = models.BooleanField(
        _("a lead may judge their own reviews"),
        default=False,
        help_text=_(
            "For a team of one. Such verdicts are marked, each figure says how many "
            "there are, and they never count as quality control by another person."
        ),
    )
    has_checklist = models.BooleanField(default=True, db_default=True)
    """Whether admins see the first steps on the overview until they are done."""
    is_made_up = models.BooleanField(default=False, db_default=False)
    """Holds the demo's history: nobody did that work."""
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)
    """Since then it is only read."""
    deleting_since = models.DateTimeField(null=True)
    """Since then nobody sees it, and a worker takes it away (services/deleting.py)."""

    objects = ProjectManager()
    with_checks = EveryProject()

    def __str__(self) -> str:
        return self.name

    @property
    def home(self) -> Project:
        """The project that people work in: itself, unless it holds checks."""
        return self.checks_of or self

    @property
    def is_archived(self) -> bool:
        return self.home.archived_at is not None

    @property
    def scope(self) -> str:
        """The name under which training keeps this project's runs and coaches."""
        return f"project-{self.pk}"

    @property
    def sampling_rule(self) -> Rule:
        """How much of a person's work quality control looks at."""
        return Rule(
            mode=QualityMode(self.quality_mode),
            full=self.quality_full,
            floor=self.quality_floor,
            slip=self.quality_slip,
        )


class ProjectEvent(models.Model):
    """What was done with a project as a whole; outlives it."""

    class Action(models.TextChoices):
        STARTED = "started", _("started")
        COPIED = "copied", _("copied")
        ARCHIVED = "archived", _("archived")
        BROUGHT_BACK = "brought back", _("brought back")
        DELETION_BEGUN = "deletion begun", _("deletion begun")
        DELETED = "deleted", _("deleted")

    project = models.ForeignKey(
        Project, on_delete=models.SET_NULL, null=True, related_name="events"
    )
    slug = models.CharField(max_length=50)
    name = models.CharField(max_length=120)
    """As it was called then."""
    action = models.CharField(max_length=16, choices=Action.choices)
    actor = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.slug} {self.action}"


class Membership(models.Model):
    """The role one person has in one project."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        _("role"), max_length=12, choices=[(role.value, role.value) for role in Role]
    )
    unit = models.ForeignKey(
        "Unit", on_delete=models.SET_NULL, null=True, related_name="memberships"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="one_role_a_person_a_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} in {self.project}"
