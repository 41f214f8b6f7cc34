"""An installation that asks for a second factor leads everybody to set one up first."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.web import signing_in

HAS_ONE = "has_second_factor"
OPEN = ("/account/", "/logout/", "/language/", "/session/", "/static/", "/healthz")
"""What one needs to set a second factor up, or to leave."""


class SecondFactors:
    """Middleware: nothing but the set-up is served to a person without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and self._lacks(request):
            if not request.path.startswith(OPEN):
                return self._led(request)
            request.lacks_second_factor = True  # type: ignore[attr-defined]
        return self.get_response(request)

    def _lacks(self, request: HttpRequest) -> bool:
        if request.path.startswith("/static/") or not request.user.is_authenticated:
            return False
        if not request.session.get(HAS_ONE) and is_mfa_enabled(request.user):
            request.session[HAS_ONE] = True
        return not request.session.get(HAS_ONE)

    def _led(self, request: HttpRequest) -> HttpResponse:
        said = _(
            "This installation asks everybody for a second factor: set one up, then "
            "go on."
        )
        if signing_in.is_script(request) or request.path.startswith("/api/"):
            return signing_in.told("second_factor", said, 403)
        if request.method == "POST":
            return signing_in.held(request, said, 403)
        return HttpResponseRedirect(reverse("mfa_index"))
