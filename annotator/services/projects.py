"""Start a project, staff it, and give it its first coach."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Deed, Role
from annotator.models import Membership, Project, ProjectEvent, Unit, User
from annotator.services import archiving, leaving, placing
from annotator.services.leaving import Left
from training.services import estimating, launching, registry


@transaction.atomic
def create(*, project: Project, actor: User) -> Project:
    """Save a new project; its founder administers it, the shipped coach drafts."""
    if not policies.can_create_projects(actor):
        raise NotAllowed(gettext("Only administrators start projects."))
    project.save()
    Membership.objects.create(project=project, user=actor, role=Role.ADMIN)
    adopt_shipped_coach(project)
    archiving.write_down(project, ProjectEvent.Action.STARTED, actor)
    return project


def adopt_shipped_coach(project: Project) -> None:
    """Register and promote the coach that comes with the product.

    Left out when another base model is configured: an adapter fits one base only.
    """
    folder = Path(settings.SHIPPED_COACH)
    if not (folder / "manifest.json").exists():
        return
    ref = launching.install(folder)
    if ref.base_model != settings.BASE_MODEL:
        return
    coach = registry.register(scope=project.scope, ref=ref, name=ref.name)
    estimating.bring(coach, folder)
    registry.promote(
        coach=coach, actor=None, reason=gettext_noop("came with the product")
    )


@transaction.atomic
def change(*, project: Project, actor: User, changed: Collection[str]) -> None:
    """Save a project's settings, of which `changed` names those that are new; the
    queue is put into its new order where that is one of them."""
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    project.save()
    if "queue_order" in changed:
        placing.reorder(project)


@transaction.atomic
def set_role(*, project: Project, actor: User, user: User, role: Role) -> Left:
    """Give a person a role in the project; their earlier one ends, and with it what
    they hold that the new one does not cover."""
    policies.require(actor, project, Deed.MANAGE_MEMBERS)
    _keep_an_admin(project, user, role)
    Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role}
    )
    return leaving.give_up(project=project, person=user, role=_left(user, role))


@transaction.atomic
def remove_member(*, project: Project, actor: User, user: User) -> Left:
    """Take a person out of the project; their work stays, their holds end."""
    policies.require(actor, project, Deed.MANAGE_MEMBERS)
    _keep_an_admin(project, user, None)
    Membership.objects.filter(project=project, user=user).delete()
    Unit.objects.filter(project=project, owner=user).update(owner=None)
    return leaving.give_up(project=project, person=user, role=_left(user, None))


def _left(user: User, role: Role | None) -> Role | None:
    """What a person may still do: a superuser everything, member or not."""
    return Role.ADMIN if user.is_superuser else role


def pause_schedule(*, project: Project, actor: User, paused: bool) -> None:
    """Hold the project's scheduled training, or let it go on; runs are not stopped."""
    policies.require(actor, project, Deed.TRAIN)
    project.retrain_paused = paused
    project.save(update_fields=["retrain_paused"])


def hide_checklist(*, project: Project, actor: User) -> None:
    """Show the first steps to no admin of the project any more."""
    policies.require(actor, project, Deed.CHANGE_SETTINGS)
    project.has_checklist = False
    project.save(update_fields=["has_checklist"])


def role(name: str) -> Role:
    """Read a role; Invalid names those there are."""
    try:
        return Role(name)
    except ValueError:
        raise Invalid(
            gettext("Choose a role: %(roles)s.") % {"roles": ", ".join(Role)}
        ) from None


def _keep_an_admin(project: Project, user: User, role: Role | None) -> None:
    admins = Membership.objects.select_for_update().filter(
        project=project, role=Role.ADMIN
    )
    active = {m.user_id for m in admins.filter(user__is_active=True)}
    if role != Role.ADMIN and active == {user.pk}:
        raise Invalid(gettext("The last administrator of a project keeps the role."))
