"""Being signed in, and what a page is told when it is not any more.

A script that posts gets an answer it can tell from success (401 or 403 as JSON): htmx
would follow a redirect and take the login page for what it asked for. A plain form
gets a page that holds what was sent, to be sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

SLID = "slid_at"
SLIDES_AFTER = timedelta(hours=1)


def is_script(request: HttpRequest) -> bool:
    """Whether htmx or a script of ours asks, not the browser itself."""
    wants_json = request.headers.get("Accept") == "application/json"
    return wants_json or request.headers.get("HX-Request") == "true"


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a login; who was signed out at work is told so in place."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        if is_script(request):
            return _told("signed_out", _("You are signed out."), 401)
        if request.method == "POST":
            return _held(request, _("You are signed out."), 401)
        return super().handle_no_permission(request, view_func)


def refuse_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form with another login's token: nothing sent is lost."""
    said = _("You have signed in again since this page was opened.")
    if is_script(request):
        return _told("csrf", said, 403)
    return _held(request, said, 403)


def _told(code: str, detail: str, status: int) -> HttpResponse:
    answer = JsonResponse({"code": code, "detail": detail}, status=status)
    answer["HX-Reswap"] = "none"
    return answer


def _held(request: HttpRequest, message: str, status: int) -> HttpResponse:
    """A page that holds what was sent."""
    context = {
        "message": message,
        "sent": sent_fields(request),
        "has_files": bool(request.FILES),
    }
    return render(request, "errors/signed_out.html", context, status=status)


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form brought, to be sent again from a page that holds it."""
    left_out = {"csrfmiddlewaretoken", "password"}
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in left_out
    ]


class SlidingSession:
    """Middleware: a session runs on while somebody works, from each hour anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A page that merely lies open sends heartbeats, too: those are no work.
        idle = request.path.endswith("/tick/") and request.POST.get("active") != "true"
        if request.user.is_authenticated and not idle:
            now = timezone.now().timestamp()
            due = min(SLIDES_AFTER.total_seconds(), settings.SESSION_COOKIE_AGE / 4)
            signed_in = request.user.last_login
            since = request.session.get(SLID) or (signed_in and signed_in.timestamp())
            if now - (since or 0) > due:
                request.session[SLID] = now
        return self.get_response(request)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """GET: who is signed in here, with the token that their forms need now. POST a
    user name and password: sign in without leaving the page."""
    if request.method == "POST":
        name, password = (request.POST.get(k, "") for k in ("username", "password"))
        person = authenticate(request, username=name, password=password)
        if person is None:
            said = _("The user name and password do not belong together.")
            return JsonResponse({"code": "wrong_password", "detail": said}, status=422)
        login(request, person)
    signed_in = request.user.is_authenticated
    return JsonResponse(
        {
            "person": request.user.pk if signed_in else None,
            "name": request.user.get_username() if signed_in else "",
            "csrf": get_token(request),
        }
    )
