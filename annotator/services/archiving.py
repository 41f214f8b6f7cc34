"""Put a project away, to be read only, and bring it back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Project, ProjectEvent, User

Action = ProjectEvent.Action


@transaction.atomic
def archive(*, project: Project, actor: User) -> None:
    """Nothing new is dealt out, imported, drafted or trained; what people hold they
    can still hand in. Invalid if it is archived already."""
    held = _locked(project, actor)
    if held.archived_at:
        raise Invalid(gettext("%(held)s is archived already.") % {"held": held})
    held.archived_at = timezone.now()
    held.save()
    write_down(held, Action.ARCHIVED, actor)


@transaction.atomic
def bring_back(*, project: Project, actor: User) -> None:
    """Work goes on where it stood. Invalid if it is not archived."""
    held = _locked(project, actor)
    if not held.archived_at:
        raise Invalid(gettext("%(held)s is not archived.") % {"held": held})
    held.archived_at = None
    held.save()
    write_down(held, Action.BROUGHT_BACK, actor)


def _locked(project: Project, actor: User) -> Project:
    policies.require(actor, project, Deed.DISPOSE)
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def write_down(
    project: Project, action: str, actor: User | None, note: str = ""
) -> None:
    """One line of the log of projects, which outlives them."""
    ProjectEvent.objects.create(
        project=project,
        slug=project.slug,
        name=project.name,
        action=action,
        actor=actor,
        note=note,
    )
