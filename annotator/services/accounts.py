"""Accounts: made, closed and opened again; what ends with a password."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from annotator import policies
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Deed, Role
from annotator.models import Lease, Membership, Project, User
from annotator.services import leaving
from annotator.services.leaving import Left


class TokenEnds:
    """A password validator that accepts all: Django tells it of each new password,
    by whatever door it came, and the account's token of the API ends with the old."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Nothing is asked of a password here."""

    def get_help_text(self) -> str:
        return ""

    def password_changed(
        self, password: str, user: AbstractBaseUser | None = None
    ) -> None:
        if user is not None and user.pk is not None:
            apps.get_model("authtoken", "Token").objects.filter(user=user.pk).delete()


def new_person(
    *, username: str, password: str | None, full_name: str = "", email: str = ""
) -> User:
    """An account without roles; `password` is None where a link will set it."""
    name = User.normalize_username(username.strip())
    person = User(username=name, email=email, first_name=full_name.strip())
    if User.objects.filter(username__iexact=person.username).exists():
        raise Invalid(_("The user name %(name)s is taken.") % {"name": name})
    try:
        if password is not None:
            validate_password(password, person)
        person.set_password(password)
        person.full_clean(exclude=["password"])
    except ValidationError as fault:
        raise Invalid(" ".join(fault.messages)) from None
    person.save()
    return person


@transaction.atomic
def create(
    *,
    actor: User,
    username: str,
    roles: Mapping[Project, Role],
    full_name: str = "",
    email: str = "",
) -> User:
    """A person with roles, who sets their password by a link that the actor gets.

    Raises:
        NotAllowed: the actor may not add members to one of the projects.
        Invalid: the name is taken; or an actor who is no superuser gives no role.
    """
    if not roles and not actor.is_superuser:
        raise Invalid(_("Give a role in at least one of your projects."))
    for project in roles:
        policies.require(actor, project, Deed.MANAGE_MEMBERS)
    person = new_person(
        username=username, password=None, full_name=full_name, email=email
    )
    for project, role in roles.items():
        Membership.objects.create(project=project, user=person, role=role)
    return person


@transaction.atomic
def deactivate(*, person: User, actor: User) -> list[Left]:
    """Close an account: its sessions and its token end, and so do the person's holds.
    Roles and work stay; what became of the holds, project by project.

    Raises:
        NotAllowed: the actor does not look after the account.
        Invalid: it is the actor's own, or the last that administers something.
    """
    require_care(actor, person)
    if person.pk == actor.pk:
        raise Invalid(_("Nobody closes their own account: ask another admin."))
    _keep_an_admin(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    end_sessions(person)
    delete_token(person)
    return [
        leaving.give_up(project=project, person=person, role=None)
        for project in _works_in(person)
    ]


def reactivate(*, person: User, actor: User) -> None:
    """Open an account again; its roles are what they were."""
    require_care(actor, person)
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True


def forget_second_factor(*, person: User, actor: User) -> None:
    """For somebody who lost it: their password alone opens the account again."""
    require_care(actor, person)
    Authenticator.objects.filter(user=person).delete()


def renew_token(person: User) -> str:
    """A new token of the API; the one before ends."""
    tokens = apps.get_model("authtoken", "Token").objects
    with transaction.atomic():
        tokens.filter(user=person.pk).delete()
        key: str = tokens.create(user=person).key
    return key


def delete_token(person: User) -> None:
    apps.get_model("authtoken", "Token").objects.filter(user=person.pk).delete()


def require_care(actor: User, person: User) -> None:
    """Raise NotAllowed unless the account is the actor's to look after."""
    if not policies.looks_after(actor, person):
        raise NotAllowed(
            _("This account has roles in projects that are not yours: ask their admin.")
        )


def end_sessions(person: User, but: str = "") -> None:
    """Sign a person out everywhere, but for the session with that key."""
    for session in UserSession.objects.filter(user=person).exclude(session_key=but):
        session.end()


def end_session(person: User, pk: int) -> bool:
    """Sign a person out in one browser; whether that session was theirs."""
    mine = UserSession.objects.filter(user=person, pk=pk).first()
    if mine is not None:
        mine.end()
    return mine is not None


def _works_in(person: User) -> list[Project]:
    held = Lease.objects.running().filter(holder=person)
    numbers = set(person.memberships.values_list("project", flat=True))
    numbers |= {lease.pair.project.home.pk for lease in held.select_related("pair")}
    return list(Project.objects.filter(pk__in=numbers).order_by("pk"))


def _keep_an_admin(person: User) -> None:
    """Invalid if nobody else could administer a project, or the installation."""
    # The lock that keeps two admins from closing each other's accounts at once.
    active = User.objects.select_for_update().filter(is_active=True)
    others = active.filter(is_superuser=True).exclude(pk=person.pk)
    if others.exists():
        return
    if person.is_superuser:
        raise Invalid(_("The last superuser's account stays open."))
    for held in person.memberships.filter(role=Role.ADMIN).select_related("project"):
        admins = held.project.memberships.filter(role=Role.ADMIN)
        if not active.filter(memberships__in=admins).exclude(pk=person.pk).exists():
            raise Invalid(
                _("%(name)s is the last active admin of %(project)s.")
                % {"name": person, "project": held.project}
            )
