"""What Django answers where no view does: JSON under /api/, pages elsewhere."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from annotator.api import errors
from annotator.database.outages import is_outage
from annotator.services import tries
from annotator.web import navigation, outage

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    return errors.answer(*errors.of_request(exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return _page(request, "errors/403.html", 403)
    return errors.answer(403, "not_allowed", "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return _page(request, "errors/404.html", 404)
    sentence = f"There is nothing at {request.path}: addresses are in docs/api.md."
    return errors.answer(404, "not_found", sentence)


def too_many(request: HttpRequest) -> HttpResponse:
    """A door that has been tried too often: for how long it is shut."""
    seconds = tries.longest_wait(request) or 60
    said = tries.sentence(seconds)
    answer = _page(request, "errors/429.html", 429, message=said)
    answer["Retry-After"] = str(seconds)
    return answer


def _page(
    request: HttpRequest, template: str, status: int, **said: str
) -> HttpResponse:
    """An error page with the navigation of the project that its address names."""
    context = {**navigation.of_refusal(request), **said}
    return render(request, template, context, status=status)


def fault(request: HttpRequest) -> HttpResponse:
    # Middleware that asks the database fails where no view's error is seen.
    if is_outage(sys.exc_info()[1]):
        return outage.answer(request)
    if not request.path.startswith(API):
        return defaults.server_error(request, "errors/500.html")
    return errors.answer(
        500, "fault", "The server could not do this; its log says why. Try again."
    )
