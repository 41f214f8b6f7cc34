"""What people send, checked field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain import rubric
from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.domain.periods import FIRST_DAY, LAST_DAY
from annotator.domain.roles import Role
from annotator.formats.rows import Row
from annotator.models import Batch, Project, User
from annotator.models.projects import STARTS
from annotator.selectors import days, pairs
from annotator.services import reviewing, rewriting, snapshotting
from annotator.services.deeds import Sent
from annotator.web import labels
from revision_engine.types import PairText
from training import selectors
from training.models import CoachVersion


class Day(forms.DateInput):
    """A day as browsers choose one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that can be asked for; none at the calendar's edges."""

    def __init__(self, **options: Any) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(widget=Day, validators=limits, required=False, **options)


class UploadForm(forms.Form):
    file = forms.FileField(label=_("JSON, JSONL or CSV file of pairs"))
    revised_as_accepted = forms.BooleanField(
        label=_("Rows with a revised side are accepted reviews"),
        required=False,
        help_text=_("Otherwise the revised sides are kept, and wait for a decision."),
    )


class RevisionsForm(forms.Form):
    """What becomes of revisions that came with an import: of one, or of all."""

    way = forms.ChoiceField(choices=[("take", "take"), ("leave", "leave")])
    offer = forms.IntegerField(required=False, min_value=1)

    def offers(self) -> list[int] | None:
        """The named one; None for all that wait."""
        one = self.cleaned_data["offer"]
        return None if one is None else [one]


class TextForm(forms.Form):
    """The three fields as typed. Wholeness is the service's question."""

    instruction = forms.CharField(required=False, strip=False)
    input = forms.CharField(required=False, strip=False)
    response = forms.CharField(required=False, strip=False)
    deed = forms.UUIDField(required=False)
    base_revision = forms.IntegerField(required=False, min_value=0)
    tab = forms.UUIDField(required=False)

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
        )
        deed = self.cleaned_data.get("deed")
        return replace(sent, deed=deed) if deed else sent


class MarksForm:
    """The rubric's part of a submit: tags, and a score a side and moment."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    def marks(self) -> reviewing.Marks:
        """Invalid names a score that is no whole number."""
        scores = {}
        for side in rubric.SIDES:
            for moment in rubric.MOMENTS:
                if typed := self.data.get(f"score.{side}.{moment}", "").strip():
                    scores[side, moment] = self._score(side, moment, typed)
        return reviewing.Marks(tuple(self.data.getlist("tag")), scores)

    def _score(self, side: str, moment: str, typed: str) -> int:
        try:
            return int(typed)
        except ValueError:
            message = f"The score of the {side} {moment} is no whole number: {typed!r}."
            raise Invalid(message) from None


class BulkForm(forms.Form):
    """What a lead accepts in bulk; a GET shows the effect, a POST does it."""

    threshold = forms.FloatField(
        label=_("accept drafts of a confidence from"),
        max_value=0,
        help_text=_("Mean log-probability of the draft's tokens: 0 at best."),
    )
    audit_share = forms.FloatField(
        label=_("share kept for a person"),
        min_value=0.01,
        max_value=1,
        initial=0.1,
        help_text=_("0.01 to 1."),
    )
    until = forms.DateTimeField(
        required=False, widget=forms.HiddenInput, validators=days.LIMITS
    )


class MemberForm(forms.Form):
    username = forms.CharField(label=_("user name"), max_length=150)
    role = forms.ChoiceField(
        label=_("role"), choices=[(role.value, role.value) for role in Role]
    )

    def clean_username(self) -> User:
        name = self.cleaned_data["username"]
        try:
            return User.objects.get(username=name)
        except User.DoesNotExist:
            raise forms.ValidationError(
                _("There is no user %(name)s."), params={"name": name}
            ) from None


class TrainForm(forms.Form):
    """What a run learns from and how; settings that few change keep their defaults."""

    LEARNS_HOW = ("start", "epochs", "learning_rate", "rank")

    selection = forms.ChoiceField(
        label=_("learns from"), choices=labels.SELECTIONS.items()
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
        choices=[("", _("all that was accepted")), *labels.CONTROLS.items()],
    )
    start = forms.ChoiceField(label=_("goes on from"), required=False, choices=STARTS)
    epochs = forms.IntegerField(label=_("epochs"), min_value=1, max_value=50)
    learning_rate = forms.FloatField(
        label=_("learning rate"), min_value=1e-7, max_value=1e-1
    )
    rank = forms.IntegerField(label=_("LoRA rank"), min_value=1, max_value=256)

    def __init__(self, project: Project, data: QueryDict | None = None) -> None:
        self.project = project
        self.plan = snapshotting.plan_for(project)
        """The project's way; once the form is valid, what was asked for."""
        selection = self.plan.selection
        values = asdict(selection) | self.plan.config.as_dict()
        values |= {"selection": selection.kind, "start": project.train_from}
        super().__init__(data, initial=values, label_suffix="")
        people = cast(forms.MultipleChoiceField, self.fields["people"])
        people.choices = [(name, name) for name in pairs.people(project)]

    def learns_from(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.LEARNS_HOW]

    def learns_how(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LEARNS_HOW]

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        try:
            self.plan = snapshotting.plan_for(self.project, **self._asked())
        except Invalid as fault:
            raise forms.ValidationError(str(fault)) from None

    def _asked(self) -> dict[str, Any]:
        """What was filled in, in the words of `snapshotting.plan_for`."""
        typed = self.cleaned_data.items()
        return {name: value for name, value in typed if value not in (None, "", [])}


class RewriteForm(forms.Form):
    """A dataset to revise: one of the project's batches, or a file."""

    batch = forms.ModelChoiceField(
        Batch.objects.none(),
        label=_("A batch of this project"),
        required=False,
        empty_label=_("none: the file below"),
    )
    file = forms.FileField(
        label=_("or a JSON, JSONL or CSV file of pairs"), required=False
    )
    of_coach = forms.ModelChoiceField(
        CoachVersion.objects.none(),
        label=_("Coach"),
        required=False,
        empty_label=_("the active one"),
    )
    leave_out_bad = forms.BooleanField(
        label=_("Leave out rows that cannot be used"),
        required=False,
        help_text=_("Otherwise a file with such rows is refused, and they are named."),
    )

    def __init__(
        self, project: Project, data: QueryDict | None, files: Any = None
    ) -> None:
        super().__init__(data, files, label_suffix="")
        batches, coaches = self.fields["batch"], self.fields["of_coach"]
        cast(forms.ModelChoiceField, batches).queryset = project.batches.order_by("-pk")
        cast(forms.ModelChoiceField, coaches).queryset = selectors.coaches(
            project.scope
        )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if bool(typed.get("batch")) == bool(typed.get("file")):
            raise forms.ValidationError(_("Choose a batch or a file."))
        return typed

    def dataset(self) -> tuple[str, Iterator[Row]]:
        """The chosen dataset's name and rows."""
        if batch := self.cleaned_data["batch"]:
            return batch.name, rewriting.rows_of_batch(batch)
        file = self.cleaned_data["file"]
        return file.name, rewriting.rows_of_file(file.file, file.name)

    def coach(self) -> int | None:
        """The chosen coach; None for the active one."""
        chosen = self.cleaned_data["of_coach"]
        return chosen.pk if chosen else None
