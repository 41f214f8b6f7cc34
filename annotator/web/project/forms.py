"""A project's settings and its gate, checked field by field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain import languages
from annotator.domain.line_ends import as_newlines
from annotator.domain.roles import Role
from annotator.models import Project, User
from annotator.web import figures, labels
from training.evaluation.rule import GUARDS, Rule

MAX_WORDING_CHARS = 4_000
"""What a coach is told stands before every pair that it drafts."""
MAX_CHECKS_SHARE = 0.5
TAKEN = {"new"}
"""Short names that are addresses of their own."""


class _NamesProject(forms.ModelForm):
    """What both forms of a project ask of its name, address and language."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not any(sign.isalnum() for sign in name):
            raise forms.ValidationError(_("Give it a name with letters or digits."))
        return name

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in TAKEN:
            raise forms.ValidationError(
                _("“%(slug)s” is taken by a page."), params={"slug": slug}
            )
        return slug

    def clean_language(self) -> str:
        typed: str = self.cleaned_data["language"]
        known = languages.tag(typed)
        if known is None:
            raise forms.ValidationError(
                _(
                    "“%(typed)s” is no language code. Two letters of ISO 639-1, such "
                    "as en, de or zh; if need be a script or region: zh-Hans, pt-BR."
                ),
                params={"typed": typed},
            )
        return known


class ProjectForm(_NamesProject):
    class Meta:
        model = Project
        fields = (
            "name",
            "slug",
            "description",
            "language",
            "control_share",
            "drafts_ahead",
            "lease_minutes",
            "idle_seconds",
            "skip_policy",
            "queue_order",
            "quiet_below",
            "spare_below",
            "quality_mode",
            "quality_full",
            "quality_floor",
            "quality_slip",
            "return_days",
            "blind_author",
            "blind_arm",
            "own_judged",
            "alpha",
            "train_from",
            "retrain_after",
            "retrain_days",
            "retrain_paused",
            "takes_over",
            "challenge_share",
            "challenge_reviews",
            "wording",
            "overlap_share",
            "overlap_similarity",
            "overlap_days",
            "planted_share",
            "gold_share",
            "reading_floor",
            "signs_days",
        )

    def clean_description(self) -> str:
        return as_newlines(self.cleaned_data["description"])

    def clean_wording(self) -> str:
        """A coach must be told with the very signs that it was taught with."""
        wording = as_newlines(self.cleaned_data["wording"])
        if len(wording) > MAX_WORDING_CHARS:
            raise forms.ValidationError(
                _("It has %(n)d characters; %(most)d are allowed."),
                params={"n": len(wording), "most": MAX_WORDING_CHARS},
            )
        return wording

    def clean(self) -> dict[str, Any]:
        """Checks of both kinds together leave room for work."""
        typed = super().clean() or self.cleaned_data
        shares = [typed.get(name) or 0.0 for name in ("planted_share", "gold_share")]
        if sum(shares) > MAX_CHECKS_SHARE:
            self.add_error(
                "gold_share",
                _("Planted and gold pairs together may be 0.5 of the work at most."),
            )
        return typed


class NewProjectForm(_NamesProject):
    class Meta:
        model = Project
        fields = ("name", "slug", "description", "language", "control_share")


class CopyForm(_NamesProject):
    with_members = forms.BooleanField(
        label=_("with its people, their roles and units"), required=False, initial=True
    )

    class Meta:
        model = Project
        fields = ("name", "slug")


class GateForm(forms.Form):
    """What a new coach must prove; a guard without a tolerance is not asked."""

    minimum_pairs = forms.IntegerField(
        label=_("held-out pairs that the gate decides on, at least"),
        min_value=2,
        max_value=100_000,
    )
    confidence = forms.FloatField(
        label=_("how sure it must be that a new coach saves more effort"),
        min_value=0.5,
        max_value=0.999,
        help_text=_("0.5 to 0.999, one-sided."),
    )
    least_gain = forms.FloatField(
        label=_("so much more effort it must save"),
        min_value=0,
        max_value=0.99,
        help_text=_("0 to 1: share of the characters that people change in raw pairs."),
    )

    def __init__(self, project: Project, data: QueryDict | None = None) -> None:
        rule = Rule.from_dict(project.gate)
        held = {guard.figure: guard.tolerance for guard in rule.guards}
        initial = {name: getattr(rule, name) for name in self.base_fields}
        initial |= {self._key(name): held.get(name) for name in _BETTER}
        super().__init__(data, initial=initial, label_suffix="", prefix="gate")
        for name in _BETTER:
            self.fields[self._key(name)] = forms.FloatField(
                label=figures.FIGURES[name],
                required=False,
                min_value=0,
                max_value=1 if name in figures.SHARES else 100,
            )

    @staticmethod
    def _key(figure: str) -> str:
        return f"guard-{figure.replace(' ', '-')}"

    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    def guards(self) -> list[forms.BoundField]:
        return [self[self._key(name)] for name in _BETTER]

    def rule(self) -> dict[str, Any]:
        """The rule as a project saves it."""
        typed = self.cleaned_data
        return {
            **{name: typed[name] for name in self.base_fields},
            "guards": [
                {"figure": name, "better": better, "tolerance": tolerance}
                for name, better in _BETTER.items()
                if (tolerance := typed[self._key(name)]) is not None
            ],
        }


_BETTER = {guard.figure: str(guard.better) for guard in GUARDS}


class InviteForm(forms.Form):
    role = forms.ChoiceField(
        label=_("role"), choices=[(role.value, labels.ROLES[role]) for role in Role]
    )
    email = forms.EmailField(
        label=_("mail address"),
        required=False,
        help_text=_("For their account; the link goes there where mail is set up."),
    )


class MemberForm(forms.Form):
    username = forms.CharField(label=_("user name"), max_length=150)
    role = forms.ChoiceField(
        label=_("role"), choices=[(role.value, labels.ROLES[role]) for role in Role]
    )

    def clean_username(self) -> User:
        name = self.cleaned_data["username"]
        try:
            return User.objects.get(username=name)
        except User.DoesNotExist:
            raise forms.ValidationError(
                _("There is no user %(name)s."), params={"name": name}
            ) from None
