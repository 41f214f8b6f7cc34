"""A challenger on live work: begin, end, and the rows behind the figures."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import challenges
from annotator.services import challenging
from annotator.tasks import draft_next_batch, nudge
from annotator.web import csv_files
from annotator.web.http import Request, fetch_project, go_to, say
from training.models import Challenge, CoachVersion


class StartForm(forms.Form):
    """Share and reviews are the project's where they are left empty."""

    coach = forms.IntegerField()
    share = forms.FloatField(required=False, min_value=0.01, max_value=0.99)
    needed = forms.IntegerField(required=False, min_value=10, max_value=100_000)


@login_required
@require_POST
def start(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.PROMOTE)
    form = StartForm(request.POST)
    if not form.is_valid():
        raise Invalid(_sentence(form))
    challenge = challenging.start(
        project=project,
        actor=request.user,
        challenger=get_object_or_404(
            CoachVersion, pk=form.cleaned_data["coach"], scope=project.scope
        ),
        share=form.cleaned_data["share"],
        needed=form.cleaned_data["needed"],
    )
    nudge(draft_next_batch, project.pk)
    say(request, _("%(challenge)s from now on.") % {"challenge": challenge})
    return go_to(request, "coaches", project.slug)


def _sentence(form: StartForm) -> str:
    return " ".join(
        f"{name}: {message}"
        for name, messages in form.errors.items()
        for message in messages
    )


@login_required
@require_POST
def end(request: Request, slug: str, pk: int) -> HttpResponse:
    project = fetch_project(request, slug, Deed.PROMOTE)
    challenge = challenging.end(
        project=project,
        actor=request.user,
        challenge=_challenge(project, pk),
        outcome=request.POST.get("outcome", ""),
        reason=request.POST.get("reason", "").replace("\0", ""),
    )
    nudge(draft_next_batch, project.pk)
    outcome = challenge.get_outcome_display()
    say(request, _("The challenge has ended: %(outcome)s.") % {"outcome": outcome})
    return go_to(request, "coaches", project.slug)


@login_required
@require_GET
def rows(request: Request, slug: str, pk: int) -> StreamingHttpResponse:
    """Every draft that counts with the review that counts, as CSV."""
    project = fetch_project(request, slug, Deed.PROMOTE)
    challenge = _challenge(project, pk)
    name = f"{project.slug}-challenge-{challenge.pk}.csv"
    return csv_files.of_kind(name, challenges.ChallengeRow, challenges.rows(challenge))


def _challenge(project: Project, pk: int) -> Challenge:
    found = Challenge.objects.select_related("champion", "challenger")
    return get_object_or_404(found, pk=pk, scope=project.scope)
