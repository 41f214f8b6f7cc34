"""What the dashboard's figures are to be of."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator.domain.periods import Period
from annotator.domain.states import Arm
from annotator.models import Project
from annotator.selectors import pairs, tallies
from annotator.selectors.tallies import Filters
from annotator.web import labels
from annotator.web.choices import (
    NO_CATEGORY,
    _number,
    batch_choices,
    category_choices,
    choose,
    choose_unit,
    in_words,
)
from annotator.web.forms import DayField


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
            today = timezone.localdate(timezone=timezone.get_default_timezone())
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
