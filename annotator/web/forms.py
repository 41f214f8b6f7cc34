"""What people send, checked field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from annotator.domain.line_ends import with_newlines
from annotator.domain.periods import FIRST_DAY, LAST_DAY
from annotator.services.deeds import Sent
from revision_engine.types import PairText


class DayInput(forms.DateInput):
    """A day as browsers choose one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that can be asked for; none at the calendar's edges."""

    def __init__(self, **options: Any) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(widget=DayInput, validators=limits, required=False, **options)


class TextForm(forms.Form):
    """The three fields as typed. Wholeness is the service's question."""

    instruction = forms.CharField(required=False, strip=False)
    input = forms.CharField(required=False, strip=False)
    response = forms.CharField(required=False, strip=False)
    deed = forms.UUIDField(required=False)
    base_revision = forms.IntegerField(required=False, min_value=0)
    tab = forms.UUIDField(required=False)
    draft = forms.IntegerField(required=False, min_value=1)

    def text(self) -> PairText:
        """The pair as typed; browsers send each line end as `\\r\\n`."""
        names = ("instruction", "input", "response")
        typed = {name: self.data.get(name, "") for name in names}
        return with_newlines(PairText(**typed))

    def sent(self) -> Sent:
        """By which token, from which tab and saved text the deed came."""
        self.is_valid()  # what cannot be read counts as not sent
        sent = Sent(
            tab=self.cleaned_data.get("tab"),
            base_revision=self.cleaned_data.get("base_revision"),
            draft_id=self.cleaned_data.get("draft"),
        )
        deed = self.cleaned_data.get("deed")
        return replace(sent, deed=deed) if deed else sent
