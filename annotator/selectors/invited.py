"""Invitations that wait to be used."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from annotator.models import InvitedRole, Project


def waiting(project: Project) -> QuerySet[InvitedRole]:
    """Into one project, newest first."""
    found = project.invited_roles.filter(
        invitation__used_at=None,
        invitation__revoked_at=None,
        invitation__expires_at__gt=timezone.now(),
    )
    return found.select_related("invitation__made_by").order_by("-pk")
