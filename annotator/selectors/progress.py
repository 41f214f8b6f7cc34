"""How far a project has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator import policies
from annotator.domain.roles import Deed, Role, may
from annotator.domain.rubric import ExclusionReason
from annotator.domain.states import PairState, Stage
from annotator.models import Batch, OfferedRevision, Pair, Project, User
from annotator.selectors import offered
from annotator.selectors.offered import Mine


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many of a project's pairs are in one state now."""

    state: PairState
    count: int


def funnel(project: Project) -> Sequence[FunnelStep]:
    """Pairs by state, in the order of the journey; zeros included."""
    counts = Pair.objects.filter(project=project).by_state()
    return [FunnelStep(state, count) for state, count in counts.items()]


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """One project on the way in; counts of pairs."""

    project: Project
    role: Role
    total: int
    accepted: int
    to_review: Mine
    to_judge: Mine

    @property
    def deeds(self) -> dict[str, bool]:
        """What the person's role lets them do there."""
        return {deed.value: may(self.role, deed) for deed in Deed}


def projects_of(user: User) -> Sequence[ProjectEntry]:
    """The projects a person may enter, by name."""
    roles = dict(user.memberships.values_list("project", "role"))
    projects = Project.objects.order_by("name")
    if not user.is_superuser:
        projects = projects.filter(pk__in=roles)
    counted = projects.annotate(
        total=Count("pairs"),
        accepted=Count("pairs", filter=Q(pairs__state=PairState.ACCEPTED)),
    )
    return [
        ProjectEntry(
            project=project,
            role=Role(roles.get(project.pk, Role.ADMIN)),
            total=project.total,
            accepted=project.accepted,
            to_review=offered.mine(project, user, Stage.REVIEW),
            to_judge=offered.mine(project, user, Stage.QUALITY),
        )
        for project in counted
    ]


def being_deleted(user: User) -> Sequence[tuple[str, int]]:
    """Projects that the person administers and that are being deleted, by the name
    they had, and how many pairs are left of each."""
    found = Project.with_checks.exclude(deleting_since=None)
    if not user.is_superuser:
        held = user.memberships.filter(role=Role.ADMIN)
        found = found.filter(pk__in=held.values("project"))
    counted = found.annotate(left=Count("pairs")).order_by("deleting_since")
    return list(counted.values_list("name", "left"))


def batches(project: Project) -> QuerySet[Batch]:
    """A project's imports, newest first, with counts of their pairs and revisions."""
    waiting = OfferedRevision.objects.waiting().filter(batch=OuterRef("pk"))
    counted = project.batches.annotate(
        revisions_waiting=Coalesce(
            Subquery(waiting.order_by().values("batch").values(n=Count("pk"))), 0
        ),
        excluded=Count("pairs", filter=Q(pairs__state=PairState.EXCLUDED)),
        accepted=Count("pairs", filter=Q(pairs__state=PairState.ACCEPTED)),
    )
    return counted.select_related("imported_by").order_by("-pk")


def exclusions(batch: Batch) -> dict[ExclusionReason, int]:
    """How many pairs of a batch are excluded, by reason."""
    found = batch.pairs.in_state(PairState.EXCLUDED).values_list("exclusion_reason")
    counts = dict(found.annotate(Count("pk")))
    return {r: counts[r] for r in ExclusionReason if r in counts}


def capabilities(user: User, project: Project | None) -> dict[str, bool]:
    """Which deeds the person may do here: for the navigation and the buttons."""
    return {
        deed.value: project is not None and policies.can(user, project, deed)
        for deed in Deed
    }
