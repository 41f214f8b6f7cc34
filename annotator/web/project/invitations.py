"""Invite somebody into a project: the link is shown once, or mailed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed, Role
from annotator.models import Invitation, Project
from annotator.services import inviting
from annotator.web import labels, mailing
from annotator.web.http import Request, fetch_project, go_to, say, screen
from annotator.web.project.forms import InviteForm


@login_required
@never_cache
@require_POST
def invite(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.MANAGE_MEMBERS)
    form = InviteForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a role, and a mail address that is one, or none."))
    role, email = Role(form.cleaned_data["role"]), form.cleaned_data["email"]
    made, token = inviting.invite(
        actor=request.user, roles={project: role}, email=email
    )
    return _shown(request, project, made, token, role)


def _shown(
    request: Request, project: Project, made: Invitation, token: str, role: Role
) -> HttpResponse:
    link = request.build_absolute_uri(reverse("join", args=[token]))
    told = mailing.send_link(
        request,
        to=made.email,
        subject=_("Invitation to %(project)s") % {"project": project.name},
        sentence=_("%(name)s invites you to %(project)s. Open this link to join:")
        % {"name": request.user.full_name, "project": project.name},
        link=link,
    )
    context = {
        "project": project,
        "invitation": made,
        "link": link,
        "role": labels.ROLES[role],
        "told": told,
    }
    return screen(request, "project/invited.html", context)


@login_required
@require_POST
def revoke(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.MANAGE_MEMBERS)
    pk = request.POST.get("invitation", "")
    into = Invitation.objects.filter(roles__project=project)
    invitation = get_object_or_404(into, pk=pk if pk.isdecimal() else 0)
    inviting.revoke(invitation=invitation, actor=request.user)
    say(request, _("The invitation is taken back."))
    return go_to(request, "members", project.slug)
