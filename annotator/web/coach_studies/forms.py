"""What a coach study is to find out."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from annotator.domain.coach_studies import (
    LEAST_MEASURED,
    MOST_EPOCHS,
    MOST_MEASURED,
    CoachStudyOrder,
    StudyKind,
)
from annotator.domain.errors import Invalid
from annotator.domain.model_studies import MOST_MINUTES
from annotator.services import coach_studying, fitting
from annotator.web.coach_studies import words

USUAL = CoachStudyOrder(kind=StudyKind.SIZE)


class CoachStudyForm(forms.Form):
    """Keys are those of an order (domain.coach_studies.CoachStudyOrder)."""

    kind = forms.ChoiceField(
        label=_("Coaches differ in"),
        choices=[(kind.value, name) for kind, name in words.NAMES.items()],
        initial=USUAL.kind.value,
        widget=forms.RadioSelect,
    )
    values = forms.CharField(
        label=_("Points"),
        required=False,
        help_text=_(
            "With commas between: shares, numbers of pairs, base models, categories or "
            "languages; of generations, how many. Empty: the usual ones."
        ),
    )
    seeds = forms.CharField(
        label=_("Seeds"),
        initial=", ".join(map(str, USUAL.seeds)),
        help_text=_("A coach for each point and seed; numbers with commas between."),
    )
    measured = forms.IntegerField(
        label=_("Held-out pairs that each drafts"),
        min_value=LEAST_MEASURED,
        max_value=MOST_MEASURED,
        initial=USUAL.measured,
    )
    learned = forms.IntegerField(
        label=_("At most so many pairs are learned from"),
        required=False,
        min_value=10,
        help_text=_("Drawn by hash. Empty: all."),
    )
    epochs = forms.IntegerField(
        label=_("Epochs"), min_value=1, max_value=MOST_EPOCHS, initial=USUAL.epochs
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=_("After so many no coach is begun. It can be gone on with later."),
    )
    base_model = forms.ChoiceField(label=_("Base model"))
    FIELDS = ("values", "seeds", "measured", "learned", "epochs", "minutes")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        base = cast(forms.ChoiceField, self.fields["base_model"])
        base.choices = [(name, name) for name in fitting.base_models()]
        base.initial = settings.BASE_MODEL

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        try:
            typed["order"] = coach_studying.order_of(typed)
        except Invalid as fault:
            raise forms.ValidationError(str(fault)) from None
        return typed

    @property
    def order(self) -> CoachStudyOrder:
        """What is asked for; of a form that is valid."""
        return cast(CoachStudyOrder, self.cleaned_data["order"])

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in (*self.FIELDS, "base_model")]

    @property
    def kinds(self) -> list[tuple[Any, str]]:
        """Each box, with the question that such a study asks."""
        questions = words.QUESTIONS.values()
        return list(zip(self["kind"], map(str, questions), strict=True))
