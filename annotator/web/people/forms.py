"""What is asked of a person who joins, or whose account is made."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotator.domain.roles import Role
from annotator.models import Project, User
from annotator.web import labels

ZONES = [(name, name) for name in sorted(zoneinfo.available_timezones())]


class JoinForm(forms.Form):
    """A new account; its password is checked by the service."""

    username = forms.CharField(
        label=_("user name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "username"}),
        help_text=_("Letters, digits and @ . + - _"),
    )
    full_name = forms.CharField(
        label=_("full name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Eight signs at least, and not like your name."),
    )


class PersonForm(forms.Form):
    """A new account, and a role in each project of whoever makes it."""

    username = forms.CharField(label=_("user name"), max_length=150)
    full_name = forms.CharField(label=_("full name"), max_length=150, required=False)
    email = forms.EmailField(label=_("mail address"), required=False)

    def __init__(
        self, projects: Iterable[Project], data: QueryDict | None = None
    ) -> None:
        super().__init__(data, label_suffix="")
        self.projects = {f"role-{project.pk}": project for project in projects}
        for name, project in self.projects.items():
            self.fields[name] = forms.ChoiceField(
                label=_("role in %(project)s") % {"project": project.name},
                required=False,
                choices=[("", _("none")), *labels.ROLES.items()],
            )

    def roles(self) -> dict[Project, Role]:
        return {
            project: Role(self.cleaned_data[name])
            for name, project in self.projects.items()
            if self.cleaned_data[name]
        }


class ProfileForm(forms.ModelForm):
    """What a person says about themself, and how pages are to be."""

    full_name = forms.CharField(label=_("full name"), max_length=150, required=False)
    language = forms.ChoiceField(
        label=_("language"),
        required=False,
        choices=[("", _("as the browser asks")), *settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(
        label=_("time zone"),
        required=False,
        choices=[("", _("as the installation has it")), *ZONES],
        help_text=_("Times on pages are shown in it; figures by day are not."),
    )

    class Meta:
        model = User
        fields = ("language", "theme", "time_zone", "has_keys")

    field_order = ("full_name", "language", "time_zone", "theme", "has_keys")

    def __init__(self, person: User, data: QueryDict | None = None) -> None:
        initial = {"full_name": person.get_full_name()}
        super().__init__(data, instance=person, initial=initial, label_suffix="")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """A name that was not changed keeps its two parts."""
        person: User = super().save(commit=False)
        if "full_name" in self.changed_data:
            person.first_name, person.last_name = self.cleaned_data["full_name"], ""
        person.save(update_fields=["first_name", "last_name", *self.Meta.fields])
        return person
