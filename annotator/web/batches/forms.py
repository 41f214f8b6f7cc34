"""What comes with a file of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.formats.encodings import NAMES
from annotator.formats.shapes.mapping import Mapping
from annotator.models import Batch
from annotator.services.receiving import Way

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File of pairs or chats"))
    revised_as_accepted = forms.BooleanField(
        label=_("Rows with a revised side are accepted reviews"),
        required=False,
        help_text=_("Otherwise the revised sides are kept, and wait for a decision."),
    )
    same_id = forms.ChoiceField(
        label=_("A row whose id is here with another text"),
        choices=Batch.SameId.choices,
        initial=Batch.SameId.ADD,
        required=False,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[("", _("told apart by itself")), *((name, name) for name in NAMES)],
        required=False,
        help_text=_("Name it where the file is refused for it, or reads wrong."),
    )
    asks_first = forms.BooleanField(
        label=_("Say which column is what"),
        required=False,
        help_text=_("Where the columns are not known, you are asked in any case."),
    )

    def asked(self) -> list[forms.BoundField]:
        """What everybody is asked."""
        return [self["file"], self["revised_as_accepted"]]

    def beside(self) -> list[forms.BoundField]:
        """What few need: it stands folded."""
        return [self["same_id"], self["encoding"], self["asks_first"]]

    def way(self) -> Way:
        """How the file is to be read."""
        return Way(
            asks=True,
            asks_first=self.cleaned_data["asks_first"],
            encoding=self.cleaned_data["encoding"],
            same_id=Batch.SameId(self.cleaned_data["same_id"] or Batch.SameId.ADD),
        )


PARTS: dict[str, StrPromise] = {
    "instruction": _("Instruction"),
    "input": _("Input"),
    "response": _("Response"),
    "conversation": _("Conversation"),
    "system": _("System prompt"),
    "history": _("Earlier turns"),
    "revised_instruction": _("Revised instruction"),
    "revised_input": _("Revised input"),
    "revised_response": _("Revised response"),
    "id": _("Id"),
    "category": _("Category"),
    "draft_response": _("Draft of another model: response"),
    "draft_instruction": _("Its instruction"),
    "draft_input": _("Its input"),
    "draft_model": _("Its model"),
    "draft_version": _("Its version"),
    "draft_score": _("Its score"),
}
MAIN = ("instruction", "constant_instruction", "input", "response", "conversation")
"""The others stand below them, folded."""


class MappingForm(forms.Form):
    """Which column is what: a choice a part, of the paths that a file has."""

    constant_instruction = forms.CharField(
        label=_("One instruction for all rows"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_("Where no column holds one."),
    )

    constant_draft_model = forms.CharField(
        label=_("One model for all drafts"), required=False, max_length=200
    )

    def __init__(self, *args: Any, columns: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [("", _("no column")), *((path, path) for path in columns)]
        for name, label in PARTS.items():
            field = forms.ChoiceField(label=label, choices=choices, required=False)
            self.fields[name] = field
        self.fields["conversation"].help_text = _(
            "A list of turns, in place of instruction and response."
        )
        self.order_fields([*MAIN, *PARTS])

    def clean(self) -> dict[str, Any]:
        if not self.errors and (fault := self.mapping().fault):
            raise forms.ValidationError(fault)
        return self.cleaned_data

    def mapping(self) -> Mapping:
        """As it stands: what cannot be read is left out, and it may lack parts."""
        return Mapping(
            **{name: text for name, text in self.cleaned_data.items() if text}
        )

    def main(self) -> list[forms.BoundField]:
        """The parts that make a pair."""
        return [self[name] for name in MAIN]

    def beside(self) -> list[forms.BoundField]:
        """All other parts."""
        names = [*(name for name in PARTS if name not in MAIN), "constant_draft_model"]
        return [self[name] for name in names]


class RevisionsForm(forms.Form):
    """What becomes of revisions that came with an import: of one, or of all."""

    way = forms.ChoiceField(choices=[("take", "take"), ("leave", "leave")])
    offer = forms.IntegerField(required=False, min_value=1)

    def offers(self) -> list[int] | None:
        """The named one; None for all that wait."""
        one = self.cleaned_data["offer"]
        return None if one is None else [one]
