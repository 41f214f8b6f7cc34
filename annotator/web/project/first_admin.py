"""The first start: an installation without a user opens on making one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import BaseUserCreationForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from annotator.models import User
from annotator.services import first_admin


class FirstAdminForm(BaseUserCreationForm):
    """User name, password twice, and the language of the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("username",)


class FirstStart:
    """Middleware: where nobody has an account, the way in is to make the first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        doors = {reverse("home"), reverse("login")}
        if request.path in doors and request.method == "GET" and _is_empty(request):
            return redirect("first-start")
        return self.get_response(request)


def _is_empty(request: HttpRequest) -> bool:
    return not request.user.is_authenticated and not User.objects.exists()


@login_not_required
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Says where the first admin's address is printed; 404 once there is a user."""
    if User.objects.exists():
        raise Http404
    return render(request, "project/first_start.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, token: str) -> HttpResponse:
    """Makes the first admin and signs them in; 404 unless the token is good."""
    if not first_admin.is_good(token):
        raise Http404
    form = FirstAdminForm(request.POST or None, initial={"language": get_language()})
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form}
        return render(request, "project/first_admin.html", context, status=status)
    return _welcome(request, token, form.cleaned_data)


def _welcome(request: HttpRequest, token: str, given: dict[str, Any]) -> HttpResponse:
    user = first_admin.create(
        token=token,
        username=given["username"],
        password=given["password1"],
        language=given["language"],
    )
    if user is None:
        raise Http404
    perform_login(request, user)
    answer = redirect("home")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        given["language"],
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return answer
