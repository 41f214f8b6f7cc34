"""What a dataset report is to be about."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.domain.dataset_reports import (
    HIGHEST,
    SEED,
    SEEDS,
    THRESHOLD,
    ReportOrder,
    Source,
)
from annotator.domain.errors import Invalid
from annotator.models import Project
from annotator.services import dataset_reporting, rating
from annotator.web.choices import batch_choices, category_choices, choose
from annotator.web.dataset_reports import words
from annotator.web.labels import judge_name
from training.selectors import coaches

NAME_CHARS = 200


class ReportForm(forms.Form):
    """Keys are those of an order (domain.dataset_reports.ReportOrder), but that the
    number has a field for each source."""

    source = forms.ChoiceField(
        label=_("What is measured"),
        choices=[(key.value, name) for key, name in words.SOURCES.items()],
        initial=Source.ACCEPTED,
    )
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    coach = forms.ChoiceField(label=_("Coach"), required=False)
    rewrite = forms.ChoiceField(label=_("Rewrite"), required=False)
    export = forms.ChoiceField(label=_("Export"), required=False)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "With both sides in each row (expert revisions, a rewrite, a coach's "
            "training set), or the revised side alone."
        ),
    )
    raw_file = forms.FileField(
        label=_("File of the raw side"),
        required=False,
        help_text=_("If it is not in the same file. Rows meet by id, else by order."),
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    judges = forms.MultipleChoiceField(
        label=_("Judges"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without one nothing is rated; all else is measured."),
    )
    threshold = forms.FloatField(
        label=_("A rating is good from"),
        min_value=0,
        max_value=HIGHEST,
        initial=THRESHOLD,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=SEEDS - 1,
        initial=SEED,
    )
    NUMBERED = (Source.BATCH, Source.COACH, Source.REWRITE, Source.EXPORT)
    FIRST = ("source", *NUMBERED, "file", "raw_file")
    BESIDE = ("category", "threshold", "seed")

    def __init__(
        self, project: Project, data: Any = None, files: Any = None, coach: str = ""
    ) -> None:
        """`coach`: whose drafts are offered to be measured first."""
        initial = {"source": Source.COACH, "coach": coach} if coach else {}
        super().__init__(data, files, label_suffix="", initial=initial)
        choose(self, "batch", batch_choices(project))
        choose(self, "coach", _coaches(project))
        choose(self, "rewrite", _rewrites(project))
        choose(self, "export", _exports(project))
        choose(self, "category", category_choices(project))
        judges = cast(forms.MultipleChoiceField, self.fields["judges"])
        judges.choices = [(name, judge_name(name)) for name in rating.known()]
        if not judges.choices:
            del self.fields["judges"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        source = typed["source"]
        if source in self.NUMBERED and not typed[source]:
            self.add_error(source, _("Choose one."))
        elif source == Source.FILE and not typed["file"]:
            self.add_error("file", _("Choose a file."))
        else:
            typed["order"] = self._ordered(typed)
        return typed

    def _ordered(self, typed: dict[str, Any]) -> ReportOrder:
        source = typed["source"]
        is_file = source == Source.FILE
        names = ("category", "threshold", "seed", "judges")
        asked = {name: typed.get(name) for name in names}
        asked |= {"source": source, "number": typed.get(source, "")}
        if is_file:
            asked["number"] = ""
        for name in ("file", "raw_file"):
            brought = typed[name] if is_file else None
            asked[name] = brought.name[:NAME_CHARS] if brought else ""
        try:
            return dataset_reporting.order_of(asked)
        except Invalid as fault:
            raise forms.ValidationError(str(fault)) from None

    @property
    def order(self) -> ReportOrder:
        """What is asked for; of a form that is valid."""
        return cast(ReportOrder, self.cleaned_data["order"])

    def brought(self) -> dict[str, Any]:
        """The files of the order, as the service takes them."""
        if self.order.source != Source.FILE:
            return {}
        return {name: self.cleaned_data[name] for name in ("file", "raw_file")}

    @property
    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def beside(self) -> list[forms.BoundField]:
        return [self[name] for name in self.BESIDE]


def _coaches(project: Project) -> list[tuple[str, str]]:
    return [(str(coach.pk), coach.name) for coach in coaches(project.scope)]


def _rewrites(project: Project) -> list[tuple[str, str]]:
    found = project.rewrites.order_by("-pk").values_list("pk", "name")
    return [(str(pk), f"{name} ({pk})") for pk, name in found]


def _exports(project: Project) -> list[tuple[str, str]]:
    """Those whose file is there."""
    found = project.exports.exclude(kept="").select_related("project").order_by("-pk")
    return [(str(export.pk), export.name) for export in found]
