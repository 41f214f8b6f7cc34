"""Which projects a person goes in and out of, and who answers for one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from annotator.domain.roles import Deed, Role, may
from annotator.models import Membership, Pair, Project, User

SWITCHABLE = 12
"""Projects that the switcher names; the page of all projects has the rest."""
LEAST_TYPED = 3
MOST_PAIRS = 6
LARGEST_KEY = 2**63 - 1


def of(user: User) -> QuerySet[Project]:
    """The projects that the person may enter, by name."""
    found = Project.objects.order_by("name", "pk")
    if user.is_superuser:
        return found
    return found.filter(pk__in=user.memberships.values("project"))


def switchable(user: User) -> Sequence[Project]:
    """The first of them that are at work."""
    return list(of(user).filter(archived_at=None)[:SWITCHABLE])


def in_charge(project: Project) -> Sequence[Membership]:
    """Admins, then leads: who can do more than others for somebody who may not."""
    return _in_roles(project, [Role.ADMIN, Role.LEAD])


def who_may(project: Project, deed: Deed) -> Sequence[Membership]:
    """Members whose role covers the deed, admins first."""
    return _in_roles(project, [role for role in Role if may(role, deed)])


def _in_roles(project: Project, roles: Sequence[Role]) -> Sequence[Membership]:
    held = project.memberships.filter(role__in=roles, user__is_active=True)
    found = list(held.select_related("user").order_by("user__username"))
    return sorted(found, key=lambda one: list(Role).index(Role(one.role)), reverse=True)


def pairs(user: User, here: Project | None, typed: str) -> Sequence[Pair]:
    """Pairs by number in any project of the person; by text of the instruction in the
    one that they are in, from LEAST_TYPED characters on."""
    digits = typed.removeprefix("#")
    found = Pair.objects.select_related("project")
    if digits.isascii() and digits.isdigit() and int(digits) <= LARGEST_KEY:
        return list(found.filter(pk=int(digits), project__in=of(user)))
    if here is None or len(typed) < LEAST_TYPED:
        return []
    alike = found.filter(project=here, instruction__icontains=typed)
    return list(alike.order_by("pk")[:MOST_PAIRS])
