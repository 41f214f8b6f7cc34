"""What to look for among the pairs: a GET form, so that a search has an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain import rubric
from annotator.domain.states import Arm
from annotator.models import Project, Verdict
from annotator.models.texts import FIELD_LABELS
from annotator.selectors import pairs
from annotator.web import labels
from annotator.web.choices import (
    NO_CATEGORY,
    STEPS,
    _number,
    batch_choices,
    category_choices,
    choose,
    choose_unit,
)
from annotator.web.forms import DayField
from annotator.web.rubric import criterion

VERDICTS = {
    "accepted": _("accepted"),
    "returned": _("returned"),
    "none": _("not judged yet"),
}


class PairFilterForm(forms.Form):
    """What to look for among the pairs; a GET form, so that a search has an address."""

    text = forms.CharField(label=_("Text"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False)
    person = forms.ChoiceField(label=_("Reviewed by"), required=False)
    tag = forms.ChoiceField(label=_("Flaw"), required=False)
    coach = forms.ChoiceField(label=_("Coach"), required=False)
    distance_min = forms.IntegerField(
        label=_("Characters changed, from"), required=False, min_value=0
    )
    distance_max = forms.IntegerField(label=_("to"), required=False, min_value=0)
    step = forms.ChoiceField(label=_("Came to the step"), required=False)
    since = DayField(label=_("Day, from"))
    until = DayField(label=_("Day, to"))
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    label = forms.ChoiceField(label=_("Tag of a rule"), required=False)
    decision = forms.ChoiceField(label=_("Decision"), required=False)
    by_coach = forms.ChoiceField(label=_("Reviewed with the draft of"), required=False)
    field = forms.ChoiceField(label=_("Changed field"), required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    reason = forms.ChoiceField(label=_("Returned for"), required=False)
    seconds_min = forms.IntegerField(
        label=_("Active seconds, at least"), required=False, min_value=0
    )
    seconds_max = forms.IntegerField(label=_("less than"), required=False, min_value=0)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    NUMBERS = ("coach", "batch", "by_coach", "unit")
    FIRST = ("text", "state", "person", "tag", "coach", "distance_min", "distance_max")
    """Always in sight; the others are folded away until they are used."""

    def __init__(self, project: Project, data: QueryDict) -> None:
        super().__init__(data, label_suffix="")
        coaches = [(str(coach.pk), coach.name) for coach in pairs.coaches(project)]
        people = [(name, name) for name in pairs.people(project)]
        self._choose("state", [(s.value, label) for s, label in labels.STATES.items()])
        self._choose("person", people)
        self._choose("tag", [(key, criterion(key)) for key in rubric.BY_KEY])
        self._choose("coach", coaches)
        self._choose("by_coach", [("0", labels.ARMS[Arm.CONTROL]), *coaches])
        self._choose("step", [*STEPS.items()])
        self._choose("batch", batch_choices(project))
        self._choose("category", category_choices(project))
        self._choose("label", [(name, name) for name in pairs.labels(project)])
        self._choose("decision", [(d.value, t) for d, t in labels.DECISIONS.items()])
        self._choose("field", [*FIELD_LABELS.items()])
        self._choose("verdict", [*VERDICTS.items()])
        self._choose("reason", Verdict.Reason.choices)
        choose_unit(self, project)

    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST if not self.fields[name].disabled]

    def more(self) -> list[forms.BoundField]:
        """The rest; a coach's name is hidden in both places or in none."""
        rest = [name for name in self.fields if name not in self.FIRST]
        if self.fields["coach"].disabled:
            rest.remove("by_coach")
        return [self[name] for name in rest]

    def more_is_used(self) -> bool:
        return any(self.data.get(field.name) for field in self.more())

    def _choose(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        choose(self, name, choices)

    def wanted(self) -> pairs.PairFilter:
        """The filters that can be used; a bad one is left out, with its message."""
        self.is_valid()
        asked = {name: self.cleaned_data.get(name) for name in self.fields}
        asked |= {name: _number(asked.get(name)) for name in self.NUMBERS}
        kept = {name: value for name, value in asked.items() if value not in ("", None)}
        if kept.get("category") == NO_CATEGORY:
            kept["category"] = ""
        return pairs.PairFilter(**kept)

    def after(self) -> int:
        """Where the page begins."""
        typed = self.data.get("after", "")
        return int(typed) if typed.isdecimal() and len(typed) < 18 else 0
