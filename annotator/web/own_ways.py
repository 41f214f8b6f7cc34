"""Pages as a person's account has them; and when the person was seen."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from annotator.models import User

SEEN_EVERY = timedelta(minutes=5)


class OwnWays:
    """Middleware, after the person is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        timezone.deactivate()
        if request.user.is_authenticated:
            _speak(request, request.user)
            _tell_time(request.user)
            _see(request, request.user)
        return self.get_response(request)


def _speak(request: HttpRequest, person: User) -> None:
    """A language that was chosen in this browser comes first."""
    if person.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language()


def _tell_time(person: User) -> None:
    if person.time_zone in zoneinfo.available_timezones():
        timezone.activate(zoneinfo.ZoneInfo(person.time_zone))


def _see(request: HttpRequest, person: User) -> None:
    """Write down that they are here. A page that merely lies open is nobody."""
    idle = request.path.endswith("/tick/") and request.POST.get("active") != "true"
    now = timezone.now()
    known = (person.seen_at, person.last_login)
    last: datetime | None = max(filter(None, known), default=None)
    if idle or (last is not None and now - last < SEEN_EVERY):
        return
    User.objects.filter(pk=person.pk).update(seen_at=now)
    key = request.session.session_key
    UserSession.objects.filter(session_key=key).update(last_seen_at=now)
