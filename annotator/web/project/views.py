"""The way in: projects, their overview, settings and members."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from annotator import policies
from annotator.domain.roles import Deed, Role
from annotator.domain.states import Stage
from annotator.models import Membership, Project
from annotator.selectors import (
    blind_ratings,
    counts,
    invited,
    offered,
    progress,
    returns,
)
from annotator.services import projects, queueing
from annotator.web import deeds, drift_alarms, faults, labels, read_only, stopped
from annotator.web.http import Request, fetch_project, go_to, say, screen
from annotator.web.project import checklist, departures, presets, sections
from annotator.web.project.forms import (
    GateForm,
    InviteForm,
    MemberForm,
    NewProjectForm,
    ProjectForm,
)
from training.selectors import active_coach


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    found = progress.projects_of(request.user)
    may_create = policies.can_create_projects(request.user)
    if len(found) == 1 and not may_create:
        return go_to(request, "project", found[0].project.slug)
    context = {
        "projects": [_card(entry) for entry in found if not entry.project.archived_at],
        "archived": [_card(entry) for entry in found if entry.project.archived_at],
        "leaving": progress.being_deleted(request.user),
        "may_create": may_create,
        "stopped": _stopped(request, found),
    }
    return screen(request, "project/home.html", context)


def _stopped(
    request: Request, found: Sequence[progress.ProjectEntry]
) -> stopped.Stopped | None:
    """Asked for a project whose admin the person is, if there is one."""
    by_role = sorted(found, key=lambda entry: entry.role != Role.ADMIN)
    if not by_role:
        return None
    return stopped.told(by_role[0].project, request.user, "project/home.html")


def _card(entry: progress.ProjectEntry) -> dict[str, object]:
    return {
        "name": entry.project.name,
        "slug": entry.project.slug,
        "description": entry.project.description,
        "role": labels.ROLES[entry.role],
        "total": entry.total,
        "accepted": entry.accepted,
        "to_review": entry.to_review,
        "to_judge": entry.to_judge,
        "deeds": entry.deeds,
    }


@login_required
@require_GET
def overview(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug)
    queueing.release_expired(project, at_most=queueing.MOST_RELEASED)
    stand = counts.of_project(project)
    to_review, to_judge = (
        offered.mine(project, request.user, stage)
        for stage in (Stage.REVIEW, Stage.QUALITY)
    )
    worth = stand.total - stand.excluded
    funnel = progress.funnel(project)
    context = {
        "project": project,
        **deeds.undo_context(request, project),
        "funnel": [
            {
                "state": step.state,
                "label": labels.STATES[step.state],
                "count": step.count,
            }
            for step in funnel
        ],
        "no_pairs": [labels.STATES[step.state] for step in funnel if not step.count],
        "progress": {
            "total": stand.total,
            "done": stand.accepted,
            "excluded": stand.excluded,
            "share": round(100 * stand.accepted / worth) if worth else 0,
        },
        "active_coach": active_coach(project.scope),
        "to_review": to_review,
        "to_judge": to_judge,
        "came_back": returns.waiting(request.user, project),
        "to_rate": blind_ratings.mine(project, request.user),
        "to_choose": offered.to_adjudicate(project, request.user),
        "alarms": _alarms(request, project),
        "checklist": checklist.shown(request, project),
    }
    return screen(request, "project/overview.html", context)


@login_required
@require_GET
def what_stopped(request: Request, slug: str) -> HttpResponse:
    """The part of a screen that says what does not run; empty when all does."""
    project = fetch_project(request, slug)
    told = stopped.told(project, request.user, request.GET.get("screen", ""))
    return render(request, "components/_stopped.html", {"stopped": told})


def _alarms(request: Request, project: Project) -> list[dict[str, object]]:
    """The drift alarms that stand, for those whom they concern."""
    if not policies.can(request.user, project, Deed.SEE_STATS):
        return []
    return drift_alarms.alarms(project)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = projects.create(project=form.save(commit=False), actor=request.user)
        return go_to(request, "batches", project.slug)
    status = 422 if form.errors else 200
    return screen(
        request,
        "project/new.html",
        {"form": form, "faults": faults.point_at(form)},
        status=status,
    )


@login_required
@require_http_methods(["GET", "POST"])
def change(request: Request, slug: str) -> HttpResponse:
    deed = read_only.fetch_deed(request, Deed.CHANGE_SETTINGS)
    project = fetch_project(request, slug, deed)
    filled = presets.filled(request.GET.get("preset", ""), project)
    form = ProjectForm(request.POST or None, instance=project, initial=filled)
    gate = GateForm(project, request.POST or None)
    if request.method == "POST" and all([form.is_valid(), gate.is_valid()]):
        changed = form.save(commit=False)
        changed.gate = gate.rule()
        projects.change(project=changed, actor=request.user, changed=form.changed_data)
        say(request, _("The settings are saved."))
        return go_to(request, "project-settings", form.instance.slug)
    project.refresh_from_db()
    wrong = faults.point_at(form, gate)
    context = {
        "project": project,
        **read_only.told(request, project, Deed.CHANGE_SETTINGS),
        "form": form,
        "sections": sections.shown(form, filled),
        "gate": gate,
        "gate_asks": sections.of_gate(gate),
        "faults": wrong,
        "presets": presets.PRESETS,
        "preset": presets.PRESETS.get(request.GET.get("preset", "")),
        "filled": len(filled),
    }
    status = 422 if form.errors or gate.errors else 200
    return screen(request, "project/settings.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def members(request: Request, slug: str) -> HttpResponse:
    deed = read_only.fetch_deed(request, Deed.MANAGE_MEMBERS)
    project = fetch_project(request, slug, deed)
    form = MemberForm(request.POST if request.POST.get("action") == "add" else None)
    if request.method == "POST" and _change_members(request, project, form):
        return go_to(request, "members", project.slug)
    found = project.memberships.select_related("user").order_by("user__username")
    context = {
        "project": project,
        **read_only.told(request, project, Deed.MANAGE_MEMBERS),
        "memberships": found,
        "roles": labels.ROLES.items(),
        "form": form,
        "invite": InviteForm(label_suffix="", auto_id="invite_%s"),
        "invited": invited.waiting(project),
    }
    status = 422 if form.errors else 200
    return screen(
        request, "project/members.html", context, part="members", status=status
    )


def _change_members(request: Request, project: Project, form: MemberForm) -> bool:
    """Carry out what was posted; False if the form has to be shown again."""
    if request.POST.get("action") == "add":
        if not form.is_valid():
            return False
        user, role = form.cleaned_data["username"], Role(form.cleaned_data["role"])
    else:
        pk = request.POST.get("membership", "0")
        member = get_object_or_404(Membership, pk=pk, project=project)
        if request.POST.get("action") == "remove":
            left = projects.remove_member(
                project=project, actor=request.user, user=member.user
            )
            gone = _("%(name)s has left the project.") % {"name": member.user}
            say(request, f"{gone} {departures.told(left)}".strip())
            return True
        user, role = member.user, projects.role(request.POST.get("role", ""))
    left = projects.set_role(project=project, actor=request.user, user=user, role=role)
    now = _("%(name)s: %(role)s.") % {"name": user, "role": labels.ROLES[role]}
    say(request, f"{now} {departures.told(left)}".strip())
    return True
