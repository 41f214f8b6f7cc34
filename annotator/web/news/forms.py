"""What to list, and how each kind of news shall reach a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotator.domain import news
from annotator.domain.news import Kind, Way
from annotator.models import User
from annotator.selectors import inbox
from annotator.selectors.inbox import Wanted
from annotator.services.notice_words import KINDS, WAYS

MOST = 2**62


class InboxForm(forms.Form):
    """Filters of the inbox, in its address; `project` has those of the person."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *KINDS.items()]
    )
    unread = forms.BooleanField(label=_("Unread only"), required=False)
    before = forms.IntegerField(
        required=False, min_value=1, max_value=MOST, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = [("", _("all")), *inbox.projects(person)]
        self.fields["project"] = forms.ChoiceField(
            label=_("Project"), required=False, choices=projects
        )
        self.order_fields(["kind", "project", "unread"])

    def wanted(self) -> Wanted:
        """What was asked for; a filter that means nothing is none."""
        self.is_valid()
        asked = self.cleaned_data
        return Wanted(
            kind=asked.get("kind", ""),
            project=asked.get("project", ""),
            unread=asked.get("unread", False),
            before=asked.get("before") or 0,
        )


class WaysForm(forms.Form):
    """One choice a kind."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            ways = [
                (way.value, words)
                for way, words in WAYS.items()
                if way != Way.NONE or kind in news.MAY_BE_NONE
            ]
            self.fields[kind.value] = forms.ChoiceField(
                label=KINDS[kind],
                label_suffix="",
                choices=ways,
                initial=news.way(person.notices, kind).value,
            )
