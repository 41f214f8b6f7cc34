"""The whole address space."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from annotator.web.health import healthz
from annotator.web.signing_in import session

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("session/", session, name="session"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set-language"),
    path("admin/", admin.site.urls),
    path("api/", include("annotator.api.urls")),
    path("", include("annotator.web.urls")),
]
handler400 = "annotator.config.refusals.bad_request"
handler403 = "annotator.config.refusals.forbidden"
handler404 = "annotator.config.refusals.not_found"
handler500 = "annotator.config.refusals.fault"
