"""Units of a project: made, owned, and filled with its members."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed, Role, may
from annotator.models import Membership, Project, Unit, User


def add(*, project: Project, actor: User, name: str, owner: User | None = None) -> Unit:
    """A new unit. Invalid if its name is taken or its owner may not judge."""
    return _save(Unit(project=project), actor, name, owner)


def change(*, unit: Unit, actor: User, name: str, owner: User | None) -> Unit:
    """Another name, another owner."""
    return _save(unit, actor, name, owner)


@transaction.atomic
def remove(*, unit: Unit, actor: User) -> None:
    """End a unit; its people stay in the project."""
    policies.require(actor, unit.project, Deed.MANAGE_MEMBERS)
    unit.delete()


def place(*, membership: Membership, actor: User, unit: Unit | None) -> None:
    """Put a member into a unit, or into none."""
    policies.require(actor, membership.project, Deed.MANAGE_MEMBERS)
    if unit and unit.project_id != membership.project_id:
        raise Invalid(gettext("The unit belongs to another project."))
    membership.unit = unit
    membership.save(update_fields=["unit"])


def _save(unit: Unit, actor: User, name: str, owner: User | None) -> Unit:
    policies.require(actor, unit.project, Deed.MANAGE_MEMBERS)
    unit.name, unit.owner = name.strip(), owner
    if not unit.name:
        raise Invalid(gettext("A unit needs a name."))
    _require_judge(unit, owner)
    try:
        with transaction.atomic():
            unit.save()
    except IntegrityError:
        raise Invalid(
            gettext("There is a unit called %(name)s already.") % {"name": unit.name}
        ) from None
    return unit


def _require_judge(unit: Unit, owner: User | None) -> None:
    if owner is None:
        return
    held = Membership.objects.filter(project=unit.project, user=owner).first()
    if held is None or not may(Role(held.role), Deed.JUDGE):
        raise Invalid(
            gettext("The owner of a unit is a reviewer, lead or admin of the project.")
        )
