"""How people's reviews fared with quality control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, Value, When

from annotator.domain import quality_sampling
from annotator.domain.intervals import Share
from annotator.domain.quality_sampling import Found, Record
from annotator.models import Membership, Project, Review, User
from annotator.models.verdicts import by_another

_FOUND = Case(
    When(verdict__accepted=False, then=Value(Found.RETURNED.value)),
    When(verdict__fix__isnull=False, then=Value(Found.FIXED.value)),
    default=Value(Found.PASSED.value),
)


def of_person(person: User, project: Project) -> Record:
    """The person's newest judged reviews, counted."""
    return Record.of(_newest(person.pk, project))


def _newest(author: int | OuterRef, project: Project) -> QuerySet[Review, str]:
    """What became of the newest that somebody else judged; corrections of a return are
    no sample, and what one says of one's own work is no proof."""
    judged = Review.objects.filter(
        by_another(),
        Q(quality_draw__isnull=False) | Q(quality_rate=None),
        author=author,
        pair__project=project,
    )
    newest = judged.order_by("-submitted_at")
    return newest.values_list(_FOUND, flat=True)[: quality_sampling.WINDOW]


@dataclass(frozen=True, slots=True)
class Vetted:
    """One person's line for the lead."""

    membership: Membership
    record: Record
    passed: Share | None
    """Share of the judged that passed; None before the first."""
    rate: float
    """Share of the next reviews that quality control looks at."""


def of_project(project: Project) -> Sequence[Vetted]:
    """Every member, by name, in one query."""
    rule = project.sampling_rule
    found = ArraySubquery(_newest(OuterRef("user"), project))
    members = project.memberships.select_related("user", "unit")
    lines = []
    for member in members.annotate(found=found).order_by("user__username"):
        record = Record.of(member.found)
        rate = quality_sampling.rate(record, rule)
        lines.append(Vetted(member, record, record.pass_share, rate))
    return lines
