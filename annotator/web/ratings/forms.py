"""What people are asked to rate, and what a rater sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.domain.blind_ratings import (
    HIGHEST,
    MOST_RATERS,
    MOST_TEXTS,
    RATERS,
    TEXTS,
    BlindOrder,
    Mode,
    Place,
)
from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.models import Membership, Project
from annotator.services import asking_raters
from annotator.services.rating_blind import Said
from annotator.web.labels import ROLES
from annotator.web.ratings import words


class OrderForm(forms.Form):
    """Keys are those of an order (domain.blind_ratings.BlindOrder)."""

    mode = forms.ChoiceField(
        label=_("How they are asked"),
        choices=[(mode.value, name) for mode, name in words.MODES.items()],
        initial=Mode.COMPARE,
    )
    one = forms.ChoiceField(label=_("Arm to beat"))
    other = forms.ChoiceField(label=_("Arm beside it"))
    texts = forms.IntegerField(
        label=_("Pairs"),
        min_value=1,
        max_value=MOST_TEXTS,
        initial=TEXTS,
        help_text=_("Drawn by hash among those that differ."),
    )
    raters = forms.IntegerField(
        label=_("Raters of each text"),
        min_value=1,
        max_value=MOST_RATERS,
        initial=RATERS,
        help_text=_("From two on it is known whether they agree."),
    )
    people = forms.MultipleChoiceField(
        label=_("Who rates"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "As many as rate each text, or more. Nobody gets a pair that they wrote or "
            "judged. Choose people who have not read the texts here."
        ),
    )

    def __init__(
        self, project: Project, arms: Sequence[str] = (), data: Any = None
    ) -> None:
        super().__init__(data, label_suffix="")
        held = Membership.objects.filter(project=project, user__is_active=True)
        cast(forms.MultipleChoiceField, self.fields["people"]).choices = [
            (each.user.get_username(), f"{each.user} ({ROLES[Role(each.role)]})")
            for each in held.select_related("user").order_by("user__username")
        ]
        if not arms:
            del self.fields["one"], self.fields["other"]
            return
        for place, name in enumerate(("one", "other")):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [(arm, words.arm(arm)) for arm in arms]
            field.initial = arms[min(place, len(arms) - 1)]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                typed["order"] = asking_raters.order_of(dict(typed))
            except Invalid as fault:
                raise forms.ValidationError(str(fault)) from None
        return typed

    @property
    def order(self) -> BlindOrder:
        """What is asked for; of a form that is valid."""
        return cast(BlindOrder, self.cleaned_data["order"])

    @property
    def first(self) -> list[forms.BoundField]:
        """All but the people."""
        return [self[name] for name in self.fields if name != "people"]


class SaidForm(forms.Form):
    """A rater's answer; whether it says enough is the service's question."""

    place = forms.TypedChoiceField(
        required=False,
        choices=[(place.value, place.value) for place in Place],
        coerce=Place,
        empty_value=None,
    )
    instruction = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST)
    response = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST)

    def said(self) -> Said:
        self.is_valid()  # what cannot be read counts as not sent
        typed = self.cleaned_data
        return Said(
            place=typed.get("place"),
            instruction=typed.get("instruction"),
            response=typed.get("response"),
            is_passed=self.data.get("action") == "pass",
        )
