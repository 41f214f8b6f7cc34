"""Start a project like another one: its rules, people, guidelines, and coach."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Deed, Role
from annotator.models import (
    Guideline,
    LogFormat,
    Membership,
    Project,
    ProjectEvent,
    ProjectRule,
    Unit,
    User,
)
from annotator.selectors import guidelines
from annotator.services import archiving, projects
from training.selectors import active_coach
from training.services import registry

NOT_COPIED = {
    *("id", "slug", "name", "created_at", "archived_at", "deleting_since"),
    *("has_checklist", "is_made_up"),
}


@transaction.atomic
def copy(
    *, project: Project, actor: User, name: str, slug: str, with_members: bool
) -> Project:
    """A project with the settings, guidelines, rules and coach of `project`, and no
    pairs; with `with_members` its people and units, else the actor alone.

    Raises:
        NotAllowed: the actor may not change the original's settings, or start projects.
        Invalid: the address is taken.
    """
    if not policies.can(actor, project, Deed.DISPOSE):
        raise NotAllowed(gettext("Only the project's administrators copy it."))
    if Project.with_checks.filter(slug=slug).exists():
        raise Invalid(
            gettext("The short name %(slug)s is taken by another project.")
            % {"slug": slug}
        )
    made = Project(name=name, slug=slug)
    for field in Project._meta.concrete_fields:
        if field.name not in NOT_COPIED and not field.is_relation:
            setattr(made, field.attname, getattr(project, field.attname))
    made.save()
    _copy_guidelines(project, made)
    _copy_rules(project, made)
    _copy_members(project, made, actor, whole=with_members)
    _copy_coach(project, made)
    archiving.write_down(made, ProjectEvent.Action.COPIED, actor, f"from {project}")
    return made


def _copy_guidelines(project: Project, made: Project) -> None:
    if last := guidelines.current(project):
        Guideline.objects.create(
            project=made, version=1, body=last.body, author=last.author
        )


def _copy_rules(project: Project, made: Project) -> None:
    """The rules as they are arranged and set, and how logs are read."""
    found: list[ProjectRule | LogFormat] = [
        *ProjectRule.objects.filter(project=project)
    ]
    found += LogFormat.objects.filter(project=project)
    for each in found:
        if isinstance(each, ProjectRule):
            each.pk = None
        each.project = made
        each.save(force_insert=True)


def _copy_members(project: Project, made: Project, actor: User, *, whole: bool) -> None:
    roles: dict[int, tuple[str, str]] = {}
    units: dict[str, Unit] = {}
    if whole:
        for unit in Unit.objects.filter(project=project):
            units[unit.name] = Unit.objects.create(
                project=made, name=unit.name, owner=unit.owner
            )
        for held in project.memberships.select_related("unit"):
            roles[held.user_id] = (held.role, held.unit.name if held.unit else "")
    roles[actor.pk] = (Role.ADMIN, roles.get(actor.pk, ("", ""))[1])
    Membership.objects.bulk_create(
        Membership(project=made, user_id=user, role=role, unit=units.get(unit))
        for user, (role, unit) in roles.items()
    )


def _copy_coach(project: Project, made: Project) -> None:
    drafting = active_coach(project.scope)
    if drafting is None:
        projects.adopt_shipped_coach(made)
        return
    coach = registry.register(scope=made.scope, ref=drafting.ref, name=drafting.name)
    registry.promote(coach=coach, actor=None, reason=f"came with the copy of {project}")
