"""Which coaches are to be heard, and on what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain.line_ends import with_newlines
from annotator.models import Audition, Project, User
from annotator.models.texts import FIELD_LABELS
from annotator.services import auditioning
from revision_engine.types import PairText
from training import selectors
from training.models import CoachVersion

DRAW, PAIR, TYPED = "draw", "pair", "typed"
WAYS = (
    (DRAW, _("ten pairs of this project, drawn by hash")),
    (PAIR, _("one pair of this project")),
    (TYPED, _("a pair that you type")),
)


class AuditionForm(forms.Form):
    """Up to three coaches, and a draw, one pair, or a typed one."""

    coaches = forms.ModelMultipleChoiceField(
        CoachVersion.objects.none(),
        label=_("coaches"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One to three."),
        error_messages={"required": _("Choose one to three coaches.")},
    )
    what = forms.ChoiceField(label=_("on what"), choices=WAYS, widget=forms.RadioSelect)
    draw = forms.IntegerField(
        label=_("number of the draw"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        initial=1,
        help_text=_(
            "The same number draws the same ten pairs, as long as no pairs come or go "
            "and none of the coaches was trained on them."
        ),
    )
    number = forms.IntegerField(
        label=_("number of the pair"), min_value=1, max_value=2**63 - 1, required=False
    )
    instruction = forms.CharField(
        label=FIELD_LABELS["instruction"],
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 3}),
    )
    input = forms.CharField(
        label=FIELD_LABELS["input"],
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 2}),
    )
    response = forms.CharField(
        label=FIELD_LABELS["response"],
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(
        self, project: Project, data: QueryDict | None, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        coaches = cast(forms.ModelMultipleChoiceField, self.fields["coaches"])
        mine = selectors.coaches(project.scope).filter(is_elsewhere=False)
        coaches.queryset = mine
        self.project = project

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if sent.get("what") == PAIR and "number" in sent and not sent["number"]:
            self.add_error("number", _("Give the number of a pair."))
        return sent

    def begin(self, actor: User) -> Audition:
        """What was asked for, begun."""
        sent = self.cleaned_data
        chosen: dict[str, Any] = {
            "project": self.project,
            "actor": actor,
            "coaches": [coach.pk for coach in sent["coaches"]],
        }
        begin: dict[str, Callable[[], Audition]] = {
            DRAW: lambda: auditioning.begin_draw(**chosen, draw=sent["draw"] or 1),
            PAIR: lambda: auditioning.begin_pair(**chosen, number=sent["number"]),
            TYPED: lambda: auditioning.begin_typed(**chosen, text=self._text()),
        }
        return begin[sent["what"]]()

    def _text(self) -> PairText:
        sent = self.cleaned_data
        return with_newlines(
            PairText(
                instruction=sent["instruction"],
                input=sent["input"],
                response=sent["response"],
            )
        )

    def own_pair(self) -> list[forms.BoundField]:
        """The fields of a typed pair."""
        return [self[name] for name in ("instruction", "input", "response")]
