"""Invitations: a link that makes whoever opens it a member."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from annotator.domain.roles import Role
from annotator.models.projects import Project, User


class Invitation(models.Model):
    """One link, for one person. Only a digest of its token is kept."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token, in hex."""
    email = models.EmailField(_("mail address"), blank=True)
    made_by = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="invitations_made"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Invitation {self.pk}"


class InvitedRole(models.Model):
    """A role that an invitation gives, in one project."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="roles"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="invited_roles"
    )
    role = models.CharField(
        max_length=12, choices=[(role.value, role.value) for role in Role]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "project"], name="one_invited_role_a_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.project}"
