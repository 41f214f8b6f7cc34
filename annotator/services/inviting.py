"""Invitations: made by whoever may add members, used once, taken back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotator import policies
from annotator.domain.errors import Invalid, WorkflowError
from annotator.domain.roles import Deed, Role
from annotator.models import Invitation, InvitedRole, Membership, Project, User
from annotator.services import accounts


class InvitationOver(WorkflowError):
    """The link cannot be used, or not any more."""

    code = "invitation_over"
    status = 409


@transaction.atomic
def invite(
    *, actor: User, roles: Mapping[Project, Role], email: str = ""
) -> tuple[Invitation, str]:
    """A new invitation and its token, which is told once and kept nowhere.

    Raises:
        NotAllowed: the actor may not add members to one of the projects.
        Invalid: no project is named.
    """
    if not roles:
        raise Invalid(_("An invitation leads into a project: choose at least one."))
    for project in roles:
        policies.require(actor, project, Deed.MANAGE_MEMBERS)
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        digest=_digest(token),
        email=email,
        made_by=actor,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
    )
    InvitedRole.objects.bulk_create(
        InvitedRole(invitation=made, project=project, role=role)
        for project, role in roles.items()
    )
    return made, token


def look_up(token: str) -> Invitation:
    """The invitation of a link; InvitationOver says why it cannot be used."""
    return _usable(Invitation.objects.filter(digest=_digest(token)).first())


@transaction.atomic
def join(*, token: str, person: User) -> list[Project]:
    """Give a person the invitation's roles; one they have already stays as it is."""
    invitation = _take(token)
    return _let_in(invitation, person)


@transaction.atomic
def make_account(
    *, token: str, username: str, password: str, full_name: str = ""
) -> tuple[User, list[Project]]:
    """A new person with the invitation's roles.

    Raises:
        InvitationOver: the link was used, taken back, or is too old.
        Invalid: the user name is taken, or the password is too weak.
    """
    invitation = _take(token)
    person = accounts.new_person(
        username=username,
        password=password,
        full_name=full_name,
        email=invitation.email,
    )
    return person, _let_in(invitation, person)


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> None:
    """Take an invitation back: whoever opens it later is told so."""
    held = Invitation.objects.select_for_update().get(pk=invitation.pk)
    for given in held.roles.select_related("project"):
        policies.require(actor, given.project, Deed.MANAGE_MEMBERS)
    if held.used_at is not None:
        raise InvitationOver(_("It has been used: remove the member instead."))
    held.revoked_at = held.revoked_at or timezone.now()
    held.save(update_fields=["revoked_at"])


def _take(token: str) -> Invitation:
    """The invitation, locked: of two who open it at once one comes in."""
    found = Invitation.objects.select_for_update().filter(digest=_digest(token))
    return _usable(found.first())


def _usable(invitation: Invitation | None) -> Invitation:
    ask = _("Ask whoever invited you for a new one.")
    if invitation is None:
        raise InvitationOver(_("This is no invitation: the link is cut.") + f" {ask}")
    if invitation.used_at is not None:
        raise InvitationOver(_("This invitation has been used.") + f" {ask}")
    if invitation.revoked_at is not None:
        raise InvitationOver(_("This invitation was taken back.") + f" {ask}")
    if invitation.expires_at <= timezone.now():
        raise InvitationOver(_("This invitation is too old.") + f" {ask}")
    return invitation


def _let_in(invitation: Invitation, person: User) -> list[Project]:
    entered = []
    for given in invitation.roles.select_related("project").order_by("pk"):
        project, inviter = given.project, invitation.made_by
        may = policies.can(inviter, project, Deed.MANAGE_MEMBERS)
        if may and inviter.is_active and project.deleting_since is None:
            Membership.objects.get_or_create(
                project=project, user=person, defaults={"role": given.role}
            )
            entered.append(project)
    if not entered:
        raise InvitationOver(_("What this invitation leads to is not there any more."))
    invitation.used_at, invitation.used_by = timezone.now(), person
    invitation.save(update_fields=["used_at", "used_by"])
    return entered


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
