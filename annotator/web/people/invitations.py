"""The other end of an invitation: its link is opened."""

from __future__ import annotations

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.models import Project
from annotator.services import inviting
from annotator.web import labels
from annotator.web.people.forms import JoinForm


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET: what one is invited to. POST: join it, with a new account or one's own."""
    try:
        invitation = inviting.look_up(token)
    except inviting.InvitationOver as over:
        return _over(request, str(over))
    form = JoinForm(None, label_suffix="")
    if request.method == "POST":
        if not ratelimit.consume(request, action="invitation"):
            shut: HttpResponse = ratelimit.respond_429(request)
            return shut
        if request.user.is_authenticated:
            return _entered(inviting.join(token=token, person=request.user))
        form = JoinForm(request.POST, label_suffix="")
        if form.is_valid() and (answer := _new(request, token, form)):
            return answer
    context = {
        "invitation": invitation,
        "into": [
            (given.project, labels.ROLES[Role(given.role)])
            for given in invitation.roles.select_related("project")
        ],
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "people/join.html", context, status=status)


def _new(request: HttpRequest, token: str, form: JoinForm) -> HttpResponse | None:
    """Into the project with a new account; None with an error in the form."""
    try:
        person, projects = inviting.make_account(token=token, **form.cleaned_data)
    except Invalid as fault:
        form.add_error(None, str(fault))
        return None
    perform_login(request, person)
    return _entered(projects)


def _entered(projects: list[Project]) -> HttpResponse:
    return HttpResponseRedirect(reverse("project", args=[projects[0].slug]))


def _over(request: HttpRequest, sentence: str) -> HttpResponse:
    context = {"title": _("This invitation cannot be used"), "message": sentence}
    return render(request, "people/over.html", context, status=410)
