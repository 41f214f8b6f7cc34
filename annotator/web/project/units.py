"""Units: made, owned and filled by administrators."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed, Role
from annotator.models import Membership, Project, Unit, User
from annotator.selectors import units
from annotator.services import grouping
from annotator.web import labels, read_only
from annotator.web.http import Request, fetch_project, go_to, screen


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    deed = read_only.fetch_deed(request, Deed.MANAGE_MEMBERS)
    project = fetch_project(request, slug, deed)
    error = ""
    if request.method == "POST":
        try:
            _change(project, request.user, request.POST)
        except Invalid as refused:
            error = str(refused)
        else:
            return go_to(request, "units", project.slug)
    context = {
        "project": project,
        **read_only.told(request, project, Deed.MANAGE_MEMBERS),
        "units": units.units(project),
        "judges": units.judges(project),
        "memberships": [
            {"member": member, "role": labels.ROLES[Role(member.role)]}
            for member in units.members(project)
        ],
        "error": error,
        "typed_name": request.POST.get("name", "") if error else "",
    }
    return screen(request, "project/units.html", context, status=422 if error else 200)


def _change(project: Project, actor: User, sent: QueryDict) -> None:
    """Carry out what was posted."""
    action = sent.get("action")
    if action == "place":
        pk = _number(sent, "membership")
        member = get_object_or_404(Membership, pk=pk, project=project)
        grouping.place(membership=member, actor=actor, unit=_unit(project, sent))
        return
    name, owner = sent.get("name", ""), _owner(sent)
    if action == "add":
        grouping.add(project=project, actor=actor, name=name, owner=owner)
        return
    unit = get_object_or_404(Unit, pk=_number(sent, "unit"), project=project)
    if action == "remove":
        grouping.remove(unit=unit, actor=actor)
    else:
        grouping.change(unit=unit, actor=actor, name=name, owner=owner)


def _number(sent: QueryDict, name: str) -> int:
    typed = sent.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 18 else 0


def _unit(project: Project, sent: QueryDict) -> Unit | None:
    if not sent.get("unit"):
        return None
    return get_object_or_404(Unit, pk=_number(sent, "unit"), project=project)


def _owner(sent: QueryDict) -> User | None:
    if not sent.get("owner"):
        return None
    return get_object_or_404(User, pk=_number(sent, "owner"))
