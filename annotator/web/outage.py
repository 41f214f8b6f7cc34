"""What a person is told while the database is gone: at once, and without asking it.

The answer is a 503 in the asker's own form: a page that comes back by itself, a sign to
a script of ours, JSON to a program. Nothing here may touch the database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from annotator.database.outages import is_outage
from annotator.database.standing import database
from annotator.web.signing_in import is_script, sent_fields

FOR_PROGRAMS = ("/api/", "/healthz")
RETRY_SECONDS = 2
READS = {"GET", "HEAD"}
INNER = {"action", "base_revision", "deed", "membership", "next", "tab"}
"""Fields of forms that are not for a person to read."""


def answer(request: HttpRequest) -> HttpResponse:
    """503: what is wrong, since when, what is safe, and that it comes back."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        response = _told(request) if _is_program(request) else _page(request)
    response["Retry-After"] = str(RETRY_SECONDS)
    add_never_cache_headers(response)
    response.is_outage = True  # type: ignore[attr-defined]
    # `standing` has said it once: Django would log each request.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _is_program(request: HttpRequest) -> bool:
    return is_script(request) or request.path.startswith(FOR_PROGRAMS)


def _told(request: HttpRequest) -> HttpResponse:
    since = database.since
    told = {
        "code": "no_database",
        "detail": f"{wrong()} {safe()}",
        "since": since.isoformat() if since else None,
    }
    response = JsonResponse(told, status=503)
    response["HX-Reswap"] = "none"
    return response


def wrong() -> str:
    """What is wrong, in a sentence."""
    if database.is_out:
        return _("The database cannot be reached, so no page can be shown just now.")
    return _("The database cannot take this just now.")


def safe() -> str:
    """What nobody needs to fear for, in a sentence."""
    return _(
        "What the server has acknowledged is safe; what stands typed on an open page "
        "stays in its browser and is sent when the server is back."
    )


def _page(request: HttpRequest) -> HttpResponse:
    context = {
        "wrong": wrong(),
        "safe": safe(),
        "since": database.since,
        "seconds": RETRY_SECONDS,
        "is_read": request.method in READS,
        "address": request.get_full_path(),
        "sent": sent_fields(request),
        "inner": INNER,
        "has_files": bool(request.FILES),
        # The form's own: no middleware may have been there to make one.
        "csrf_token": request.POST.get("csrfmiddlewaretoken", ""),
    }
    return HttpResponse(render_to_string("errors/503.html", context), status=503)


class Outages:
    """Middleware: no request waits for a database that is known to be gone.

    One request in a while is let through to see whether it is there again. A read
    that met a connection which had just died is done once more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not database.may_try():
            return answer(request)
        response = self.get_response(request)
        if _is_worth_another(request, response):
            close_old_connections()
            response = self.get_response(request)
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        return answer(request) if is_outage(error) else None


def _is_worth_another(request: HttpRequest, response: Any) -> bool:
    was_outage = getattr(response, "is_outage", False)
    return was_outage and request.method in READS and not database.is_out
