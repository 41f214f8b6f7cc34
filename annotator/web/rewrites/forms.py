"""Which dataset is to be revised, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.formats.rows import Row
from annotator.models import Batch, Project
from annotator.services import rewriting
from training import selectors
from training.models import CoachVersion


class RewriteForm(forms.Form):
    """A dataset to revise: one of the project's batches, or a file."""

    batch = forms.ModelChoiceField(
        Batch.objects.none(),
        label=_("A batch of this project"),
        required=False,
        empty_label=_("none: the file below"),
    )
    file = forms.FileField(label=_("or a file of pairs or chats"), required=False)
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
        cast(forms.ModelChoiceField, coaches).queryset = selectors.usable_coaches(
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
