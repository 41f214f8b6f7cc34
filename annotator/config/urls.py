"""The whole address space."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from annotator.web.health import healthz
from annotator.web.signing_in import (
    SignOut,
    forgotten,
    passkey_sign_in,
    second_step,
    session,
    sign_in,
)

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("session/", session, name="session"),
    path("account/login/", RedirectView.as_view(pattern_name="login")),
    path("account/signup/", RedirectView.as_view(pattern_name="login")),
    path("account/password/reset/", forgotten),
    path("account/", include("allauth.account.urls")),
    path("account/second-factor/authenticate/", second_step),
    path("account/second-factor/webauthn/login/", passkey_sign_in),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/elsewhere/", include("allauth.socialaccount.urls")),
    path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("login/", sign_in, name="account_login"),
    path("login/", sign_in, name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set-language"),
    path("api/", include("annotator.api.urls")),
    path("", include("annotator.web.urls")),
]
handler400 = "annotator.config.refusals.bad_request"
handler403 = "annotator.config.refusals.forbidden"
handler404 = "annotator.config.refusals.not_found"
handler429 = "annotator.config.refusals.too_many"  # allauth's, not Django's
handler500 = "annotator.config.refusals.fault"
