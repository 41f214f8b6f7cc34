"""Choices that several forms offer, and what was chosen in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.domain.steps import Step
from annotator.models import Project
from annotator.selectors import tallies

STEPS = {
    Step.IMPORTED: _("imported"),
    Step.EXCLUDED: _("excluded"),
    Step.DRAFTED: _("drafted by a coach"),
    Step.UNDRAFTED: _("ready without a draft"),
    Step.REVIEWED: _("reviewed"),
    Step.RETURNED: _("sent back"),
    Step.ACCEPTED: _("accepted"),
    Step.READY_MADE: _("imported as accepted"),
    Step.EXPORTED: _("exported"),
}
"""What a pair can come to, on its first time there."""


NO_CATEGORY = "-"


def choose(form: forms.Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    """Offer choices for a field of the form, and "any" before them."""
    field = cast(forms.ChoiceField, form.fields[name])
    field.choices = [("", _("any")), *choices]


def in_words(form: forms.Form) -> list[dict[str, object]]:
    """The filters that are set, in the words of their form."""
    found = []
    for name, value in form.cleaned_data.items():
        if value in ("", None):
            continue
        field = form.fields[name]
        if isinstance(field, forms.ChoiceField):
            value = dict(cast(list[tuple[str, str]], field.choices))[value]
        found.append({"label": field.label, "value": value})
    return found


def choose_unit(form: forms.Form, project: Project) -> None:
    """Offer the project's units; no field where there are none."""
    if found := tallies.units(project):
        choose(form, "unit", [(str(pk), name) for pk, name in found])
    else:
        del form.fields["unit"]


def batch_choices(project: Project) -> list[tuple[str, str]]:
    """The project's batches, newest first."""
    found = project.batches.order_by("-pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in found]


def category_choices(project: Project) -> list[tuple[str, Any]]:
    """The kinds of task there are; NO_CATEGORY where the file says none."""
    return [
        (name or NO_CATEGORY, name or _("none")) for name in tallies.categories(project)
    ]


def _number(typed: str | None) -> int | None:
    return int(typed) if typed else None
