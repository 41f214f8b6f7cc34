"""Which coaches and base models are to be compared, and on how many pairs."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.models import BackboneComparison, Project, User
from annotator.selectors import backbones
from annotator.services import comparing_backbones, fitting
from annotator.web.coaches import words
from training import selectors
from training.models import CoachVersion


class CoachesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, coach: CoachVersion) -> str:
        return f"{coach.name} · {coach.base_model}"


class BackboneForm(forms.Form):
    """Two to six of them, coaches or base models without an adapter."""

    coaches = CoachesField(
        CoachVersion.objects.none(),
        label=_("coaches"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    base_models = forms.MultipleChoiceField(
        label=_("base models, without an adapter"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    pairs = forms.IntegerField(
        label=_("held-out pairs, at most"),
        min_value=comparing_backbones.LEAST_PAIRS,
        max_value=comparing_backbones.MOST_PAIRS,
        initial=comparing_backbones.USUAL_PAIRS,
        help_text=_("By hash, of those that none of the coaches was trained on."),
    )

    def __init__(self, project: Project, data: QueryDict | None) -> None:
        chosen = backbones.suggested(project)
        bare = [] if len(chosen) > 1 else [name for name, _place in fitting.offered()]
        initial = {"coaches": chosen, "base_models": bare[:1]}
        super().__init__(data, initial=initial, label_suffix="")
        coaches = cast(CoachesField, self.fields["coaches"])
        coaches.queryset = selectors.coaches(project.scope).filter(is_elsewhere=False)
        bases = cast(forms.MultipleChoiceField, self.fields["base_models"])
        bases.choices = [(n, words.base(n, place)) for n, place in fitting.offered()]
        self.project = project

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        sent = self.cleaned_data
        few, most = BackboneComparison.FEWEST, BackboneComparison.MOST
        if not few <= len(sent["coaches"]) + len(sent["base_models"]) <= most:
            raise forms.ValidationError(
                _("Choose %(few)d to %(most)d coaches or base models.")
                % {"few": few, "most": most}
            )

    def begin(self, actor: User) -> BackboneComparison:
        """What was asked for, begun; Invalid where it cannot be carried out."""
        sent = self.cleaned_data
        return comparing_backbones.request(
            project=self.project,
            actor=actor,
            coaches=[coach.pk for coach in sent["coaches"]],
            base_models=sent["base_models"],
            pairs=sent["pairs"],
        )

    def choices(self) -> list[forms.BoundField]:
        """The fields with boxes."""
        return [self[name] for name in ("coaches", "base_models")]
