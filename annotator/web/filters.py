"""What is looked for: filters of pairs and of the dashboard, as GET forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain import rubric
from annotator.domain.periods import Period
from annotator.domain.states import Arm
from annotator.models import Project, Verdict
from annotator.selectors import pairs, tallies
from annotator.selectors.tallies import Filters
from annotator.web import labels
from annotator.web.forms import DayField

STEPS = {
    "imported": _("imported"),
    "excluded": _("excluded"),
    "drafted": _("drafted by a coach"),
    "undrafted": _("ready without a draft"),
    "reviewed": _("reviewed"),
    "returned": _("returned"),
    "accepted": _("accepted"),
    "ready_made": _("imported as accepted"),
    "exported": _("exported"),
}
"""What a pair can come to, on its first time there."""
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
        self._choose("tag", [(key, _flaw(key)) for key in rubric.BY_KEY])
        self._choose("coach", coaches)
        self._choose("by_coach", [("0", labels.ARMS[Arm.CONTROL]), *coaches])
        self._choose("step", [*STEPS.items()])
        self._choose("batch", batch_choices(project))
        self._choose("category", category_choices(project))
        self._choose("decision", [(d.value, t) for d, t in labels.DECISIONS.items()])
        self._choose("field", [*labels.FIELDS.items()])
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


def _flaw(key: str) -> str:
    side, name = labels.SIDE_NAMES[rubric.BY_KEY[key].side], labels.CRITERION_WORDS[key]
    return f"{side}: {name[0]}"


class StatsForm(forms.Form):
    """What the dashboard's figures are to be of; the address is the state."""

    days = forms.ChoiceField(label=_("Time"), required=False)
    since = DayField(label=_("from"))
    until = DayField(label=_("to, included"))
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    person = forms.ChoiceField(label=_("Person"), required=False)
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    coach = forms.ChoiceField(label=_("Coach"), required=False)
    LAST = {
        "7": _("the last 7 days"),
        "28": _("the last 28 days"),
        "90": _("the last 90 days"),
    }

    def __init__(self, project: Project, data: QueryDict) -> None:
        super().__init__(data, label_suffix="")
        coaches = [(str(coach.pk), coach.name) for coach in pairs.coaches(project)]
        without = (str(tallies.WITHOUT_DRAFT), labels.ARMS[Arm.CONTROL])
        days = cast(forms.ChoiceField, self.fields["days"])
        days.choices = [("", _("all days")), *self.LAST.items()]
        choose_unit(self, project)
        choose(self, "person", [(name, name) for name in pairs.people(project)])
        choose(self, "batch", batch_choices(project))
        choose(self, "category", category_choices(project))
        choose(self, "coach", [*coaches, without])

    def filters(self) -> Filters:
        """Those that can be used; a bad one is left out, with its message."""
        self.is_valid()
        found = self.cleaned_data
        category = found.get("category") or None
        return Filters(
            period=self._period(),
            unit=_number(found.get("unit")),
            person=found.get("person") or "",
            batch=_number(found.get("batch")),
            category="" if category == NO_CATEGORY else category,
            coach=_number(found.get("coach")),
        )

    def _period(self) -> Period:
        """Days that are typed come before the choice beside them."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        last = _number(self.cleaned_data.get("days"))
        if last and not (since or until):
            today = timezone.localdate()
            return Period(today - timedelta(days=last - 1), today)
        return Period(since, until)

    def asked(self) -> list[dict[str, object]]:
        """The filters that are set, in the words of the form."""
        return in_words(self)

    def address(self) -> str:
        """The filters that are set, as a query; empty without any."""
        kept = QueryDict(mutable=True)
        for name in self.fields:
            if value := self.data.get(name):
                kept[name] = value
        return kept.urlencode()


def _number(typed: str | None) -> int | None:
    return int(typed) if typed else None
