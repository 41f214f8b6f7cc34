"""An adapter that was trained elsewhere comes in as a file."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from annotator.domain.errors import WorkflowError
from annotator.domain.roles import Deed
from annotator.models import Project
from annotator.services import exchanging, fitting
from annotator.tasks import nudge
from annotator.web.http import Request, fetch_project, go_to, say, screen
from revision_engine import prompts
from training.adapter_zips import TAKEN
from training.tasks import start_next_run


class UploadForm(forms.Form):
    """A zip of an adapter's folder, and what it does not say itself."""

    file = forms.FileField(
        label=gettext_lazy("Zip of the adapter's folder"),
        widget=forms.ClearableFileInput({"accept": ".zip"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=exchanging.MOST_NAME_CHARS,
    )
    base_model = forms.ChoiceField(
        label=gettext_lazy("Base model"),
        required=False,
        help_text=gettext_lazy("It must be the one that the adapter was trained on."),
    )
    prompt = forms.ChoiceField(
        label=gettext_lazy("Prompt"),
        required=False,
        choices=[
            ("", gettext_lazy("as its papers say, else the newest")),
            *((name, name) for name in prompts.PROMPTS),
        ],
    )
    wording = forms.CharField(
        label=gettext_lazy("What it is told to do"),
        required=False,
        max_length=exchanging.MOST_WORDING_CHARS,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Left empty: as its papers say, else the project's."),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")
        base_model = cast(forms.ChoiceField, self.fields["base_model"])
        base_model.choices = [
            ("", _("as the adapter says")),
            *((name, name) for name in fitting.base_models()),
        ]


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request, slug: str) -> HttpResponse:
    project = fetch_project(request, slug, Deed.TRAIN)
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if sent and form.is_valid() and (answer := _taken(request, project, form)):
        return answer
    context = {
        "project": project,
        "form": form,
        "taken": TAKEN,
        "most": settings.ADAPTER_MOST_BYTES // 1_000_000,
    }
    status = 422 if form.errors else 200
    return screen(request, "coaches/upload.html", context, part="upload", status=status)


def _taken(request: Request, project: Project, form: UploadForm) -> HttpResponse | None:
    """On to the run that evaluates it; None where the form now says what is wrong."""
    given = dict(form.cleaned_data)
    try:
        coach = exchanging.take_in(
            project=project,
            actor=request.user,
            file=given.pop("file").file,
            **given,
        )
    except WorkflowError as fault:
        form.add_error("file", str(fault))
        return None
    nudge(start_next_run)
    say(request, _("%(coach)s is here, and waits to be measured.") % {"coach": coach})
    return go_to(request, "run", project.slug, coach.run_id)
