"""What a model study is to compare."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from annotator.domain.errors import Invalid
from annotator.domain.model_studies import MOST_MINUTES, MOST_SEEN, StudyOrder
from annotator.services import fitting, rating, studying
from annotator.web.model_studies import words

NAME_CHARS = 200
USUAL = StudyOrder()


class StudyForm(forms.Form):
    """Keys are those of an order (domain.model_studies.StudyOrder)."""

    arms = forms.MultipleChoiceField(
        label=_("Tune a model on"),
        choices=[(key.value, name) for key, name in words.ARM_CHOICES.items()],
        initial=[arm.value for arm in USUAL.arms],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Two or more; the others are compared with the first. Pairs that are held "
            "out from coaches are in none."
        ),
        error_messages={"required": _("Choose two or more.")},
    )
    testset = forms.FileField(
        label=_("Test set"),
        required=False,
        help_text=_(
            "JSON or JSON lines with an instruction in each row, and a reference if "
            "there is one. Without a file the held-out pairs are asked, and their "
            "accepted texts are the references."
        ),
    )
    judges = forms.MultipleChoiceField(
        label=_("Judges"),
        widget=forms.CheckboxSelectMultiple,
        initial=[*USUAL.judges],
        help_text=_(
            "Each compares all answers; how far they agree is told. An endpoint is "
            "there once JUDGE_BASE_URL and JUDGE_MODEL are set."
        ),
        error_messages={"required": _("Choose one or more.")},
    )
    seen = forms.IntegerField(
        label=_("Examples that each model learns from"),
        min_value=1,
        max_value=MOST_SEEN,
        initial=USUAL.seen,
    )
    seeds = forms.CharField(
        label=_("Seeds"),
        initial=", ".join(map(str, USUAL.seeds)),
        help_text=_("A model for each arm and seed; numbers with commas between."),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=_("After so many no model is begun. It can be gone on with later."),
    )
    tuning = forms.ChoiceField(
        label=_("What learns"),
        choices=[(key.value, name) for key, name in words.TUNINGS.items()],
        initial=USUAL.tuning.value,
    )
    base_model = forms.ChoiceField(label=_("Base model"))
    FIELDS = ("seen", "seeds", "minutes", "tuning", "base_model")

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")
        judges = cast(forms.MultipleChoiceField, self.fields["judges"])
        judges.choices = [(name, name) for name in rating.known()]
        base = cast(forms.ChoiceField, self.fields["base_model"])
        base.choices = [(name, name) for name in fitting.base_models()]
        base.initial = settings.BASE_MODEL

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        brought = typed["testset"]
        name = brought.name[:NAME_CHARS] if brought else ""
        try:
            typed["order"] = studying.order_of({**typed, "testset": name})
        except Invalid as fault:
            raise forms.ValidationError(str(fault)) from None
        return typed

    @property
    def order(self) -> StudyOrder:
        """What is asked for; of a form that is valid."""
        return cast(StudyOrder, self.cleaned_data["order"])

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [self["arms"], self["judges"]]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIELDS]
