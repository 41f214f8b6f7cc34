"""One's own account: name and ways, password and second factors, sessions, token."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from annotator.models import Project
from annotator.services import accounts
from annotator.web.http import Request, go_to, say, screen
from annotator.web.people.browsers import named
from annotator.web.people.forms import ProfileForm


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def me(request: Request) -> HttpResponse:
    form = ProfileForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        say(request, _("Saved."))
        return _in_their_language(go_to(request, "me"), form.cleaned_data["language"])
    return _page(request, form)


def _in_their_language(answer: HttpResponse, language: str) -> HttpResponse:
    if language:
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


@login_required
@never_cache
@require_POST
def token(request: Request) -> HttpResponse:
    """Make or renew one's token of the API, which is shown once; or delete it."""
    if request.POST.get("action") == "delete":
        accounts.delete_token(request.user)
        say(request, _("The token is deleted: programs that have it are out."))
        return go_to(request, "me")
    made = accounts.renew_token(request.user)
    return _page(request, ProfileForm(request.user), token=made)


@login_required
@require_POST
def sessions(request: Request) -> HttpResponse:
    """End one session, or all but this one."""
    pk = request.POST.get("session", "")
    if request.POST.get("action") == "others":
        accounts.end_sessions(request.user, but=request.session.session_key or "")
        say(request, _("You are signed out everywhere else."))
    elif pk.isdecimal() and accounts.end_session(request.user, int(pk[:18])):
        say(request, _("That session has ended."))
    else:
        raise Http404
    return go_to(request, "me")


def _page(request: Request, form: ProfileForm, token: str = "") -> HttpResponse:
    kinds = Authenticator.objects.filter(user=request.user).values_list("type")
    here = request.session.session_key
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda session: session.last_seen_at, reverse=True)
    context = {
        "form": form,
        "kinds": {kind for (kind,) in kinds},
        "sessions": [
            (session, named(session.user_agent), session.session_key == here)
            for session in found
        ],
        "token": token,
        "has_token": Token.objects.filter(user=request.user).exists(),
        "projects": Project.objects.filter(memberships__user=request.user),
    }
    status = 422 if form.errors else 200
    return screen(request, "people/me.html", context, status=status)
