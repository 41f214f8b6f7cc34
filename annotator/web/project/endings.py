"""What is done with a project as a whole: archived, brought back, copied, deleted."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project, ProjectEvent
from annotator.services import archiving, copying, deleting
from annotator.tasks import delete_projects, nudge
from annotator.web import faults, moments
from annotator.web.http import Request, fetch_project, go_to, say, screen
from annotator.web.project.forms import CopyForm

TEMPLATE = "project/end.html"


@login_required
@require_GET
def show(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.DISPOSE)
    return _page(request, project, _copy_form(project))


def _copy_form(project: Project) -> CopyForm:
    name = _("%(name)s (copy)") % {"name": project.name}
    return CopyForm(initial={"name": name, "slug": f"{project.slug[:44]}-copy"})


def _page(
    request: Request,
    project: Project,
    form: CopyForm,
    *,
    wrong: str = "",
    typed: str = "",
) -> HttpResponse:
    if form.is_bound:
        faults.point_at(form)
    context = {
        "project": project,
        "form": form,
        "wrong": wrong,
        "typed": typed,
        "pairs": project.pairs.count(),
        "table": _log(project.events.select_related("actor").order_by("-pk")[:100]),
    }
    status = 422 if wrong or form.errors else 200
    return screen(request, TEMPLATE, context, status=status)


def _log(events: Iterable[ProjectEvent]) -> Table:
    return Table(
        caption=_("What was done with the project, newest first"),
        heads=[
            Head(_("When"), is_text=True),
            Head(_("What"), is_text=True),
            Head(_("By"), is_text=True),
        ],
        rows=[
            [
                Cell(moments.at(event.at)),
                Cell(event.get_action_display(), note=event.note),
                Cell(str(event.actor or "–")),
            ]
            for event in events
        ],
    )


@login_required
@require_POST
def archive(request: Request, slug: str) -> HttpResponse:
    """Only read from now on."""
    project = fetch_project(request, slug, Deed.DISPOSE)
    archiving.archive(project=project, actor=request.user)
    say(request, _("%(name)s is archived: it is only read now.") % {"name": project})
    return go_to(request, "project", slug)


@login_required
@require_POST
def bring_back(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.DISPOSE)
    archiving.bring_back(project=project, actor=request.user)
    say(request, _("%(name)s is back: work goes on.") % {"name": project})
    return go_to(request, "project", slug)


@login_required
@require_POST
def copy(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.DISPOSE)
    form = CopyForm(request.POST)
    if not form.is_valid():
        return _page(request, project, form)
    made = copying.copy(project=project, actor=request.user, **form.cleaned_data)
    say(request, _("%(name)s is there, without pairs so far.") % {"name": made})
    return go_to(request, "batches", made.slug)


@login_required
@require_POST
def delete(request: Request, slug: str) -> HttpResponse:
    """The short name has to be typed; a worker does the rest."""
    project = fetch_project(request, slug, Deed.DISPOSE)
    typed = request.POST.get("typed", "")
    try:
        deleting.begin(project=project, actor=request.user, typed=typed)
    except Invalid as fault:
        form = _copy_form(project)
        return _page(request, project, form, wrong=str(fault), typed=typed)
    nudge(delete_projects)
    say(request, _("%(name)s is being deleted.") % {"name": project.name})
    return go_to(request, "home")
