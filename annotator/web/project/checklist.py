"""The first steps on the overview: for admins, until all are done or they hide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotator import policies
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.selectors import checklist
from annotator.selectors.checklist import FirstStep
from annotator.services import projects
from annotator.web.http import Request, fetch_project, go_to, say


@dataclass(frozen=True, slots=True)
class StepWords:
    """What a step is called, why one takes it, and the button that leads there."""

    title: str | Promise
    why: str | Promise
    button: str | Promise
    screen: str


WORDS: dict[FirstStep, StepWords] = {
    FirstStep.PROJECT: StepWords(
        gettext_lazy("A project"),
        gettext_lazy("Holds the pairs, the people and the coach."),
        gettext_lazy("Settings"),
        "project-settings",
    ),
    FirstStep.GUIDELINES: StepWords(
        gettext_lazy("Guidelines"),
        gettext_lazy("Say what a good pair is: they stand beside the work."),
        gettext_lazy("Write guidelines"),
        "guidelines",
    ),
    FirstStep.DATA: StepWords(
        gettext_lazy("Data"),
        gettext_lazy(
            "Bring in a file of pairs; a row is an instruction, its input "
            "and a response."
        ),
        gettext_lazy("Import pairs"),
        "batches",
    ),
    FirstStep.PEOPLE: StepWords(
        gettext_lazy("People"),
        gettext_lazy(
            "Two at least, since nobody judges their own work, unless the "
            "settings let a lead do so."
        ),
        gettext_lazy("Add people"),
        "members",
    ),
    FirstStep.DRAFTS: StepWords(
        gettext_lazy("First drafts"),
        gettext_lazy(
            "The coach drafts by itself, within a minute or two of the import."
        ),
        gettext_lazy("See the pairs"),
        "pairs",
    ),
    FirstStep.REVIEW: StepWords(
        gettext_lazy("First review"),
        gettext_lazy("Accept a draft, mend it, or write your own text."),
        gettext_lazy("Review pairs"),
        "review",
    ),
    FirstStep.QUALITY: StepWords(
        gettext_lazy("Quality control"),
        gettext_lazy("A second person accepts the review, mends it or sends it back."),
        gettext_lazy("Check quality"),
        "quality",
    ),
    FirstStep.RETRAINING: StepWords(
        gettext_lazy("First retraining"),
        gettext_lazy(
            "Accepted reviews teach the next coach, which is measured before "
            "it takes over."
        ),
        gettext_lazy("Train a coach"),
        "run-prepare",
    ),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One line of the list; `is_next`: the first one that is not done."""

    words: StepWords
    url: str
    is_done: bool
    is_next: bool


def shown(request: Request, project: Project) -> Sequence[ShownStep]:
    """The steps for an admin of a project in which some are not done; else none."""
    if not project.has_checklist or project.is_archived:
        return []
    if not policies.can(request.user, project, Deed.CHANGE_SETTINGS):
        return []
    steps = checklist.of_project(project)
    first = next((each.step for each in steps if not each.is_done), None)
    if first is None:
        return []
    return [
        ShownStep(
            WORDS[each.step],
            reverse(WORDS[each.step].screen, args=[project.slug]),
            each.is_done,
            each.step == first,
        )
        for each in steps
    ]


@login_required
@require_POST
def hide(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.CHANGE_SETTINGS)
    projects.hide_checklist(project=project, actor=request.user)
    say(request, _("The first steps are hidden for all admins of this project."))
    return go_to(request, "project", project.slug)
