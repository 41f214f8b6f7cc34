"""What comes with a file of pairs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
