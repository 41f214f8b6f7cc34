"""What a lead accepts in bulk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.selectors import days


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
