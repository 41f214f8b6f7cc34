"""The demo's made-up project: said on its overview, and taken away by one button."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotator.domain.roles import Deed
from annotator.services import deleting
from annotator.web.http import Request, fetch_project, go_to, say


@login_required
@require_POST
def remove(request: Request, slug: str) -> HttpResponse:
    """Delete the project: nobody's work is in its history, so nobody types its name."""
    project = fetch_project(request, slug, Deed.DISPOSE)
    if not project.is_made_up:
        raise Http404
    deleting.begin(project=project, actor=request.user, typed=project.slug)
    say(request, _("The made-up project is being taken away."))
    return go_to(request, "home")
