"""Units of a project and the people in them."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from annotator.domain.roles import Deed, Role, may
from annotator.models import Membership, Project, Unit, User

JUDGES = [role.value for role in Role if may(role, Deed.JUDGE)]


def units(project: Project) -> QuerySet[Unit]:
    """The units by name, with how many `members` each has."""
    counted = project.units.annotate(members=Count("memberships"))
    return counted.select_related("owner").order_by("name")


def members(project: Project) -> QuerySet[Membership]:
    """The members by name, with their units."""
    found = project.memberships.select_related("user", "unit")
    return found.order_by("user__username")


def judges(project: Project) -> QuerySet[User]:
    """Who may own a unit, by name."""
    held = User.objects.filter(
        memberships__project=project, memberships__role__in=JUDGES
    )
    return held.order_by("username")
