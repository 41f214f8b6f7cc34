"""Being signed in, and what a page is told when it is not any more.

A script that posts gets an answer it can tell from success (401 or 403 as JSON): htmx
would follow a redirect and take the login page for what it asked for. A plain form
gets a page that holds what was sent, to be sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, password_reset
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import LogoutView
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotator.web.doors import SignInForm, leave, seconds_shut


class SignOut(LogoutView):
    """By the button of the bar; allauth's own page has its way through `doors`."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        leave(request)
        return super().post(request, *args, **kwargs)


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
            return told("signed_out", _("You are signed out."), 401)
        if request.method == "POST":
            return held(request, _("You are signed out."), 401)
        return super().handle_no_permission(request, view_func)


def refuse_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form with another login's token: nothing sent is lost."""
    said = _("You have signed in again since this page was opened.")
    if is_script(request):
        return told("csrf", said, 403)
    return held(request, said, 403)


def told(code: str, detail: str, status: int) -> HttpResponse:
    answer = JsonResponse({"code": code, "detail": detail}, status=status)
    answer["HX-Reswap"] = "none"
    return answer


def held(request: HttpRequest, message: str, status: int) -> HttpResponse:
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


class SignIn(LoginView):  # type: ignore[misc]
    """The sign-in page; 429 while it is shut for too many wrong tries."""

    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        context = self.get_context_data(form=form)
        return refuse(self.render_to_response(context), seconds_shut(form))


sign_in = SignIn.as_view()


class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The page that asks for the second factor; 429 as the sign-in page."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return refuse(super().form_invalid(form), seconds_shut(form))


second_step = SecondStep.as_view()


class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    """Signing in by a passkey alone; then the page that was asked for."""

    def form_valid(self, form: LoginWebAuthnForm) -> HttpResponse:
        key = form.cleaned_data["credential"]
        login = Login(user=key.user, redirect_url=get_next_redirect_url(self.request))
        answer: HttpResponse = perform_passwordless_login(self.request, key, login)
        return answer


passkey_sign_in = PasskeySignIn.as_view()


def refuse(answer: HttpResponse, seconds: int | None) -> HttpResponse:
    """The answer; of a door that is shut for that long it says so to programs, too."""
    if seconds is not None:
        answer.status_code = 429
        answer["Retry-After"] = str(seconds)
    return answer


@login_not_required
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """A link for a new password by mail; where no mail is sent, whom to ask."""
    if settings.EMAIL_HOST:
        answer: HttpResponse = password_reset(request)
        return answer
    said = _("No mail is sent here: ask an admin of your project for a link.")
    context = {"title": _("A new password"), "message": said}
    return render(request, "people/over.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """GET: who is signed in here, with the token that their forms need now. POST a
    user name and password, and then the code of a second factor where it is asked
    for: sign in without leaving the page."""
    if request.method == "POST":
        step = _second_factor if "code" in request.POST else _password
        if refused := step(request):
            return refused
    signed_in = request.user.is_authenticated
    return JsonResponse(
        {
            "person": request.user.pk if signed_in else None,
            "name": request.user.get_username() if signed_in else "",
            "csrf": get_token(request),
        }
    )


def _password(request: HttpRequest) -> HttpResponse | None:
    """None once signed in; else what the page is told."""
    form = SignInForm(request.POST, request=request)
    if form.is_valid():
        if not form.user.is_active:
            said = _("This account is closed: an admin can open it again.")
            return _asked("closed", said)
        form.login(request)
        if request.user.is_authenticated:
            return None
        said = _("Now the code of your authenticator app, or a recovery code.")
        return _asked("second_factor", said)
    if (seconds := seconds_shut(form)) is not None:
        return refuse(_asked("too_many", form.non_field_errors()[0]), seconds)
    said = _("The user name and password do not belong together.")
    return _asked("wrong_password", said)


def _second_factor(request: HttpRequest) -> HttpResponse | None:
    """None once signed in; else what the page is told."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None:
        return _asked("wrong_password", _("That took too long: type the password."))
    form = AuthenticateForm(request.POST, user=stage.login.user)
    if not form.is_valid():
        seconds = seconds_shut(form)
        code = "wrong_code" if seconds is None else "too_many"
        return refuse(_asked(code, form.errors["code"][0]), seconds)
    form.save()
    stage.exit()
    return None


def _asked(code: str, detail: str) -> HttpResponse:
    return JsonResponse({"code": code, "detail": detail}, status=422)
