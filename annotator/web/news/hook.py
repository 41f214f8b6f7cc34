"""The project's webhook: its address, its secret, and how the newest call went."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.news import Kind
from annotator.domain.roles import Deed
from annotator.models import Hook
from annotator.services import hooks
from annotator.services.calling import MOST_FAILURES
from annotator.tasks import call_hook, nudge
from annotator.web.http import Request, fetch_project, go_to, say, screen

SENT = {
    Kind.JOB: gettext_lazy(
        "Imports, exports, rule runs, rewrites and comparisons that are done"
    ),
    Kind.FAILED: gettext_lazy("Those that failed, or stand still"),
    Kind.RUN: gettext_lazy("Training runs"),
    Kind.GATE: gettext_lazy("Decisions of the gate"),
    Kind.DRIFT: gettext_lazy("Drift alarms"),
    Kind.AUDIT: gettext_lazy("Bulk acceptances that fail an audit"),
}


LISTED = 10


class HookForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("It begins with https:// or http://."),
    )
    is_on = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)


@login_required
@require_http_methods(["GET", "POST"])
def show(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    hook = Hook.objects.filter(project=project).first()
    kept = {"url": hook.url, "is_on": hook.is_on} if hook else {"is_on": True}
    form = HookForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            hooks.choose(project=project, actor=request.user, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error("url", str(refusal))
        else:
            say(request, _("Saved."))
            return go_to(request, "project-hook", slug)
    context = {
        "project": project,
        "form": form,
        "hook": hook,
        "calls": hook.calls.order_by("-pk")[:LISTED] if hook else [],
        "kinds": [words for kind, words in SENT.items() if kind in hooks.SENT],
        "most_failures": MOST_FAILURES,
    }
    status = 422 if form.errors else 200
    return screen(request, "news/hook.html", context, status=status)


@login_required
@require_POST
def renew(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    hooks.renew_secret(project=project, actor=request.user)
    say(request, _("There is a new secret."))
    return go_to(request, "project-hook", slug)


@login_required
@require_POST
def test(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    made = hooks.send_test(project=project, actor=request.user)
    nudge(call_hook, made.pk)
    say(request, _("A test call is on its way: reload this page to see how it went."))
    return go_to(request, "project-hook", slug)


@login_required
@require_POST
def remove(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    hooks.remove(project=project, actor=request.user)
    say(request, _("The webhook is deleted."))
    return go_to(request, "project-hook", slug)
