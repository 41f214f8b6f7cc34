"""What allauth asks of the house: who may come in, by which form, and how often."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotator.models import User
from annotator.services import prefetching, tries

SHUT = {"too_many_login_attempts", "rate_limited"}
"""allauth's words for a door that stays shut for a while."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by admins and by invitations, never by whoever comes by."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "The user name and password do not belong together."
        ),
        "username_email_password_mismatch": _(
            "The user name and password do not belong together."
        ),
    }
    tried = ""
    """Of whom a password is being tried."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def logout(self, request: HttpRequest) -> None:
        leave(request)
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not of whoever has just signed in, or has nothing to prove themself by: an
        account of a directory or of OpenID Connect has no password here."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        person = self.request.user
        made = get_authentication_records(self.request, person)
        since = time.time() - account.REAUTHENTICATION_TIMEOUT
        if any(record["at"] > since for record in made):
            return False
        return bool(self.get_reauthentication_methods(person))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self.tried = self._get_login_attempts_cache_key(request, **credentials)
        super().pre_authenticate(request, **credentials)

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        return tries.of_name(credentials.get("email") or credentials["username"])

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """allauth's own; of a door that is shut, with `seconds` until it opens."""
        if code not in SHUT:
            error: ValidationError = super().validation_error(code, *args)
            return error
        key = self.tried or tries.of_codes(_whose_code(self.request))
        seconds = tries.seconds_left(self.request, key)
        params = {"seconds": seconds}
        return ValidationError(tries.sentence(seconds), code=code, params=params)


def leave(request: HttpRequest) -> None:
    """What lies ready in the browser of who signs out goes back to everybody."""
    if isinstance(request.user, User):
        prefetching.free(request.user)


def _whose_code(request: HttpRequest) -> int:
    """Who is asked for a second factor: at work, or between password and page."""
    if request.user.is_authenticated:
        return int(request.user.pk)
    return int(unstash_login(request, peek=True).user.pk)


def seconds_shut(form: BaseForm) -> int | None:
    """For how long the door of a refused form is shut; None if that is not why."""
    for faults in form.errors.as_data().values():
        for fault in faults:
            if fault.code in SHUT and fault.params:
                return int(fault.params["seconds"])
    return None


class FromElsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People whom an OpenID Connect server knows."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        makes: bool = settings.OIDC_MAKES_ACCOUNTS
        return makes


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey, unless the person wants it after their password only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("name")
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with it alone, without a password")
        alone.help_text = _(
            "A passkey: it asks for a finger, a face or a PIN. Without this it is a "
            "second step after the password, as old keys can do it."
        )
        self.initial["passwordless"] = True


class SignInForm(LoginForm):  # type: ignore[misc]
    """User name or mail address, and password; posts `username` and `password`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label = _("User name or mail address")
        name.widget.attrs = {"autocomplete": "username", "autofocus": True}
        password.widget.attrs.pop("placeholder", None)
        if not settings.EMAIL_HOST:
            password.help_text = ""

    def add_prefix(self, field_name: str) -> str:
        named = "username" if field_name == "login" else field_name
        return str(super().add_prefix(named))
