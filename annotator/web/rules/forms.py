"""A rule's settings as a form, and what is asked of proposals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.formats.rules import parsing, registry
from annotator.models import ProjectRule
from annotator.web.rules import words

MOST_CHARS = 600_000


class RuleForm(forms.Form):
    """One field a setting, of the kind of its default."""

    way = forms.ChoiceField(
        label=_("What becomes of a pair that it would exclude"),
        choices=words.WAYS.items(),
    )

    def __init__(self, rule: ProjectRule, data: QueryDict | None = None) -> None:
        self.defaults = registry.settings_of(rule.key)
        first = {name: _shown(v) for name, v in (self.defaults | rule.settings).items()}
        super().__init__(data, initial={"way": rule.way, **first}, label_suffix="")
        for name, default in self.defaults.items():
            label, help_text = words.setting(rule.key, name)
            self.fields[name] = _field(default, label=label, help_text=help_text)

    def settings(self) -> dict[str, Any]:
        """The settings as typed: texts of a list are lines."""
        return {
            name: _read(default, self.cleaned_data[name])
            for name, default in self.defaults.items()
        }


def _shown(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, (list, tuple)) else value


def _read(default: Any, typed: Any) -> Any:
    if isinstance(default, tuple):
        return [line.strip() for line in typed.splitlines() if line.strip()]
    return typed


def _field(default: Any, **about: Any) -> forms.Field:
    if isinstance(default, bool):
        return forms.BooleanField(required=False, **about)
    if isinstance(default, int):
        return forms.IntegerField(**about)
    if isinstance(default, float):
        return forms.FloatField(**about)
    area = forms.Textarea(attrs={"rows": 5})
    if isinstance(default, tuple):
        return forms.CharField(
            required=False, widget=area, max_length=MOST_CHARS, **about
        )
    return forms.CharField(required=False, max_length=MOST_CHARS, **about)


def _code(*, rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "class": "mono", "spellcheck": "false"})


class LogForm(forms.Form):
    """How a line of the project's logs becomes a pair, and lines to try it on."""

    pattern = forms.CharField(
        label=_("Pattern"),
        required=False,
        strip=False,
        max_length=parsing.MAX_PATTERN_CHARS,
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "mono", "spellcheck": "false"}
        ),
        help_text=_(
            "A regular expression with the groups instruction and response, and if "
            "need be input, id and category. Empty: logs are not read."
        ),
    )
    unescape = forms.BooleanField(
        label=_("read \\n, \\t and \\u00e9 as what they stand for"), required=False
    )
    lines = forms.CharField(
        label=_("Lines to try it on"),
        required=False,
        strip=False,
        max_length=200_000,
        widget=forms.Textarea(
            attrs={"rows": 8, "class": "mono", "spellcheck": "false"}
        ),
        help_text=_("The first 20 are read. They are not kept."),
    )


class DecisionForm(forms.Form):
    """What becomes of proposals: of one, or of all that wait."""

    way = forms.ChoiceField(choices=[("take", "take"), ("leave", "leave")])
    proposal = forms.IntegerField(required=False, min_value=1)

    def ids(self) -> list[int] | None:
        """The named one; None for all that wait."""
        one = self.cleaned_data["proposal"]
        return None if one is None else [one]
