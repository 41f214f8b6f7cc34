"""What the page about the gain may be narrowed to; a GET form, so it has an address."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.models import Project
from annotator.selectors import pairs
from annotator.selectors.gain import counting
from annotator.web.forms import DayField


class GainForm(forms.Form):
    """Filters, and what an hour of the machine costs."""

    since = DayField(label=_("First opened from"))
    until = DayField(label=_("First opened until"))
    person = forms.ChoiceField(label=_("Person"), required=False)
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    coach = forms.ChoiceField(label=_("Coach"), required=False)
    machine_hour = forms.FloatField(
        label=_("A machine hour costs as much as person hours"),
        required=False,
        min_value=0,
        max_value=100,
    )

    def __init__(self, project: Project, data: QueryDict) -> None:
        super().__init__(data, label_suffix="")
        batches = project.batches.order_by("-pk").values_list("pk", "name")[:200]
        coaches = pairs.coaches(project).values_list("pk", "name")
        choices: dict[str, list[tuple[str, str]]] = {
            "person": [(name, name) for name in pairs.people(project)],
            "batch": [(str(pk), name) for pk, name in batches],
            "category": [(name, name) for name in counting.categories(project)],
            "coach": [(str(pk), name) for pk, name in coaches],
        }
        for name, known in choices.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [("", _("any")), *known]

    def wanted(self) -> counting.CellFilter:
        """The filters that can be used; a bad one is left out, with its message."""
        self.is_valid()
        asked: dict[str, Any] = {
            name: self.cleaned_data.get(name) or None
            for name in ("since", "until", "batch", "category", "coach")
        }
        for name in ("batch", "coach"):
            asked[name] = int(asked[name]) if asked[name] else None
        person = self.cleaned_data.get("person") or ""
        return counting.CellFilter(person=person, **asked)

    def machine(self) -> float:
        """Hours of a person for an hour of the machine; 0: not counted."""
        return float(self.cleaned_data.get("machine_hour") or 0.0)
