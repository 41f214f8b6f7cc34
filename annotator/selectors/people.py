"""The people whom somebody looks after, with their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from annotator import policies
from annotator.models import Membership, User

MOST = 500
"""People on one page; a search finds the others."""


@dataclass(frozen=True, slots=True)
class Listed:
    person: User
    memberships: Sequence[Membership]
    """In projects that the reader administers."""
    has_factor: bool


def seen_by(reader: User) -> QuerySet[User]:
    """All, for a superuser; else the members of the projects one administers."""
    if reader.is_superuser:
        return User.objects.all()
    mine = policies.managed_projects(reader)
    return User.objects.filter(memberships__project__in=mine).distinct()


def find(reader: User, words: str = "") -> list[Listed]:
    """By name, user name or mail address; active ones first."""
    mine = Membership.objects.filter(project__in=policies.managed_projects(reader))
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    factors = factors.exclude(type=Authenticator.Type.RECOVERY_CODES)
    found = seen_by(reader).annotate(has_factor=Exists(factors))
    for word in words.split():
        named = Q(username__icontains=word) | Q(email__icontains=word)
        named |= Q(first_name__icontains=word) | Q(last_name__icontains=word)
        found = found.filter(named)
    found = found.prefetch_related(
        Prefetch(
            "memberships",
            queryset=mine.select_related("project").order_by("project__name"),
            to_attr="listed_memberships",
        )
    )
    return [
        Listed(person, person.listed_memberships, person.has_factor)
        for person in found.order_by("-is_active", "username")[:MOST]
    ]
