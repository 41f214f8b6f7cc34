"""What a training run learns from, and how."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.models.projects import STARTS
from annotator.selectors import pairs
from annotator.services import fitting, snapshotting
from annotator.web import labels
from annotator.web.coaches import words
from annotator.web.forms import DayField
from training.config import MOST_FOLDS, Learns
from training.selectors import SHAPE
from training.starting import Start


class TrainForm(forms.Form):
    """What a run learns from and how; settings that few change keep their defaults."""

    BASE: tuple[str, ...] = ("base_model", "base_revision", "precision")
    LEARNS_HOW: tuple[str, ...] = (
        "start",
        "epochs",
        "learning_rate",
        *SHAPE,
        "folds",
    )
    ASKED: ClassVar[dict[str, Any]] = {}
    """What makes it a run of its kind, for `snapshotting.plan_for`."""

    selection = forms.ChoiceField(
        label=_("learns from"), choices=words.SELECTIONS.items()
    )
    alpha = forms.FloatField(
        label=_("alpha: share of the reviews, most revised first"),
        min_value=0.01,
        max_value=1.0,
        required=False,
        help_text=Project._meta.get_field("alpha").help_text,
    )
    half_life_days = forms.FloatField(
        label=_("days after which a review counts half"), min_value=0.1, required=False
    )
    fix_weight = forms.FloatField(
        label=_("how many times a corrected review counts"),
        min_value=0.1,
        max_value=100,
        required=False,
    )
    since = DayField(label=_("accepted from"))
    until = DayField(label=_("accepted until"))
    people = forms.MultipleChoiceField(label=_("reviewed by"), required=False)
    arm = forms.ChoiceField(
        label=_("with or without the coach"),
        required=False,
        choices=[("", _("both")), *labels.ARMS.items()],
    )
    control = forms.ChoiceField(
        label=_("quality control"),
        required=False,
        choices=[("", _("all that was accepted")), *words.CONTROLS.items()],
    )
    start = forms.ChoiceField(label=_("goes on from"), required=False, choices=STARTS)
    epochs = forms.IntegerField(label=_("epochs"), min_value=1, max_value=50)
    learning_rate = forms.FloatField(
        label=_("learning rate"), min_value=1e-7, max_value=1e-1
    )
    rank = forms.IntegerField(
        label=_("LoRA rank"),
        min_value=1,
        max_value=256,
        required=False,
        help_text=_(
            "Rank, scale and targets are those of the weights, where a run goes on "
            "from a coach."
        ),
    )
    lora_alpha = forms.IntegerField(
        label=_("LoRA scale"),
        min_value=1,
        max_value=4096,
        required=False,
        help_text=_("What the adapter adds counts this often, divided by the rank."),
    )
    targets = forms.CharField(
        label=_("LoRA targets"),
        max_length=500,
        required=False,
        help_text=_("all-linear, or names of layers with commas between."),
    )
    folds = forms.IntegerField(
        label=_("folds that draft each other"),
        min_value=0,
        max_value=MOST_FOLDS,
        required=False,
        help_text=_(
            "So many coaches more: each learns all folds but one and drafts that one. "
            "Their drafts teach when this coach should keep quiet. 0: none."
        ),
    )
    base_model = forms.ChoiceField(label=_("base model"), required=False)
    base_revision = forms.RegexField(
        r"[\w][\w./-]*",
        label=_("revision"),
        max_length=80,
        required=False,
        help_text=_("Commit, tag or branch, of a model that comes from a hub."),
    )
    precision = forms.ChoiceField(
        label=_("precision"),
        required=False,
        choices=words.PRECISIONS.items(),
        help_text=_("How the base model is held while it is trained on."),
    )

    def __init__(self, project: Project, data: QueryDict | None = None) -> None:
        self.project = project
        self.plan = snapshotting.plan_for(project, **self.ASKED)
        """The project's way; once the form is valid, what was asked for."""
        selection = self.plan.selection
        values = asdict(selection) | self.plan.config.as_dict()
        values |= {"selection": selection.kind, "start": project.train_from}
        values |= {"preferences": self.plan.kinds}
        super().__init__(data, initial=values, label_suffix="")
        people = cast(forms.MultipleChoiceField, self.fields["people"])
        people.choices = [(name, name) for name in pairs.people(project)]
        if self.BASE:
            base = cast(forms.ChoiceField, self.fields["base_model"])
            base.choices = [
                (name, words.base(name, place)) for name, place in fitting.offered()
            ]

    def learns_from(self) -> list[forms.BoundField]:
        others = (*self.BASE, *self.LEARNS_HOW)
        return [self[name] for name in self.fields if name not in others]

    def on_what(self) -> list[forms.BoundField]:
        return [self[name] for name in self.BASE]

    def learns_how(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LEARNS_HOW]

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        try:
            self.plan = self._plan()
        except Invalid as fault:
            raise forms.ValidationError(str(fault)) from None

    def _plan(self) -> snapshotting.Plan:
        """What was asked for. Where the run goes on from a coach, its shape is that
        coach's unless somebody has typed another one, which is refused."""
        asked = self._asked()
        untouched = {name for name in SHAPE if name not in self.changed_data}
        theirs = {k: v for k, v in asked.items() if k not in untouched}
        plan = snapshotting.plan_for(self.project, **theirs)
        return plan if plan.parent else snapshotting.plan_for(self.project, **asked)

    def _asked(self) -> dict[str, Any]:
        """What was filled in, in the words of `snapshotting.plan_for`."""
        typed = self.cleaned_data.items()
        return {name: value for name, value in typed if value not in (None, "", [])}


class PreferForm(TrainForm):
    """Which of people's decisions a second stage learns from, and how."""

    BASE = ()
    LEARNS_HOW = ("start", "epochs", "learning_rate", "beta")
    ASKED: ClassVar[dict[str, Any]] = {"learns": str(Learns.PREFERENCES)}

    selection = alpha = half_life_days = fix_weight = None  # type: ignore[assignment]
    rank = lora_alpha = targets = folds = None  # type: ignore[assignment]
    base_model = base_revision = precision = None  # type: ignore[assignment]
    learns = forms.CharField(widget=forms.HiddenInput)
    preferences = forms.MultipleChoiceField(
        label=_("what people preferred"),
        choices=words.PREFERENCES.items(),
        widget=forms.CheckboxSelectMultiple,
    )
    start = forms.ChoiceField(
        label=_("goes on from"),
        choices=[(start, says) for start, says in STARTS if start != Start.BASE],
    )
    beta = forms.FloatField(
        label=_("beta: how little the coach may move"),
        min_value=0.001,
        max_value=10,
    )

    def __init__(self, project: Project, data: QueryDict | None = None) -> None:
        super().__init__(project, data)
        self.initial["start"] = Start.ACTIVE

    def kinds(self) -> list[dict[str, Any]]:
        """A box for each kind, with what is preferred over what."""
        told = zip(self["preferences"], words.PREFERRED.values(), strict=True)
        return [{"box": box, "means": means} for box, means in told]

    def learns_from(self) -> list[forms.BoundField]:
        return [one for one in super().learns_from() if one.name != "preferences"]


FORMS: dict[str, type[TrainForm]] = {
    Learns.REVISIONS: TrainForm,
    Learns.PREFERENCES: PreferForm,
}


def form_for(project: Project, data: QueryDict) -> TrainForm:
    """The form of what is to be learned; filled in if anything else is given."""
    asked = data.get("learns") or Learns.REVISIONS
    kind = FORMS.get(asked, TrainForm)
    return kind(project, data if "epochs" in data else None)
