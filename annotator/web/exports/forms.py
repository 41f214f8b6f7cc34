"""What is to be exported: a shape, a file, and which pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain.errors import Invalid
from annotator.formats.exports.orders import (
    PACKED,
    Beside,
    ExportFile,
    ExportOrder,
    ExportShape,
    RejectedSide,
    StateWanted,
)
from annotator.models import Project
from annotator.services import exporting
from annotator.web.choices import batch_choices, category_choices, choose
from annotator.web.exports import words
from training.selectors import coaches


def _named(found: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    return [(key.value, name) for key, name in found.items()]


class ExportForm(forms.Form):
    """Keys are those of an order (formats.exports.orders.ExportOrder)."""

    shape = forms.ChoiceField(
        label=_("What a row is"),
        choices=_named({key: name for key, (name, _row) in words.SHAPES.items()}),
        initial=ExportShape.ALPACA,
    )
    file = forms.ChoiceField(
        label=_("File"), choices=_named(words.FILES), initial=ExportFile.JSONL
    )
    rejected = forms.ChoiceField(
        label=_("Preferred to"),
        choices=_named(words.REJECTED),
        initial=RejectedSide.DRAFT,
    )
    beside = forms.ChoiceField(
        label=_("Beside the texts"),
        choices=_named(words.BESIDE),
        initial=Beside.ALL,
    )
    gzip = forms.BooleanField(
        label=_("Compress (gzip)"),
        required=False,
        help_text=_("JSON lines and CSV only; the others ignore it."),
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=_named(words.STATES),
        initial=StateWanted.ACCEPTED,
    )
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    person = forms.ChoiceField(label=_("Author"), required=False)
    coach = forms.ChoiceField(label=_("Coach of the draft"), required=False)
    looked = forms.ChoiceField(label=_("Quality control"), required=False)
    since = forms.DateField(
        label=_("Accepted from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("to"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    FIRST = ("file", "rejected", "beside", "gzip")
    FILTERS = ("state", "batch", "category", "person", "coach", "looked")
    DAYS = ("since", "until")

    def __init__(self, project: Project, data: QueryDict | None) -> None:
        super().__init__(data, label_suffix="")
        people = project.memberships.order_by("user__username")
        names = people.values_list("user__username", flat=True)
        choose(self, "batch", batch_choices(project))
        choose(self, "category", category_choices(project))
        choose(self, "person", [(name, name) for name in names])
        choose(self, "coach", _coaches(project))
        choose(self, "looked", _named(words.LOOKED))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                typed["order"] = exporting.order_of(self._asked(typed))
            except Invalid as fault:
                raise forms.ValidationError(self._told(fault, typed)) from None
        return typed

    def _asked(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        asked = {name: value for name, value in typed.items() if value}
        if typed["file"] not in PACKED:
            asked.pop("gzip", None)
        return asked

    def _told(self, fault: Invalid, typed: Mapping[str, Any]) -> Any:
        """What is wrong, in the words of the page where it has some."""
        if typed["state"] != StateWanted.ACCEPTED:
            return _(
                "Only an export of everything, for an audit, holds pairs that are not "
                "accepted: choose that, or accepted pairs."
            )
        if typed["since"] and typed["until"] and typed["since"] > typed["until"]:
            return _("The first day is after the last one.")
        return str(fault)

    @property
    def order(self) -> ExportOrder:
        """What is asked for; of a form that is valid."""
        return cast(ExportOrder, self.cleaned_data["order"])

    @property
    def cards(self) -> Iterable[dict[str, Any]]:
        """The shapes, each with one row of it."""
        chosen = self["shape"].value()
        return [
            {"value": key.value, "name": name, "row": row, "is_on": chosen == key.value}
            for key, (name, row) in words.SHAPES.items()
        ]

    @property
    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def filters(self) -> list[forms.BoundField]:
        return [self[name] for name in (*self.FILTERS, *self.DAYS)]

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set: the fold is open then."""
        usual = {"state": StateWanted.ACCEPTED.value}
        given = {name: self[name].value() or "" for name in (*self.FILTERS, *self.DAYS)}
        return any(value != usual.get(name, "") for name, value in given.items())


def _coaches(project: Project) -> list[tuple[str, Any]]:
    found = [(str(coach.pk), str(coach)) for coach in coaches(project.scope)]
    return [("0", _("without a draft")), *found]
