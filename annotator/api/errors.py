"""Refusals as JSON: one shape for all of them, mapped once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import JsonResponse
from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotator.domain.errors import WorkflowError
from annotator.formats.reading import UnknownShape, UnreadableFile


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"code", "detail"}` with the error's own status; None: no refusal, a fault."""
    if isinstance(error, WorkflowError):
        return Response({"code": error.code, "detail": str(error)}, status=error.status)
    if isinstance(error, UnknownShape):
        detail = f"{error} Say which column is what: give a mapping."
        return Response({"code": "unknown_columns", "detail": detail}, status=422)
    if isinstance(error, UnreadableFile):
        return Response({"code": "unreadable_file", "detail": str(error)}, status=422)
    if isinstance(error, SuspiciousOperation):
        status, code, detail = of_request(error)
        return Response({"code": code, "detail": detail}, status=status)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _told(response.data)
    return response


def of_request(error: Exception | None) -> tuple[int, str, str]:
    """Status, code and sentence for a request that Django itself refuses."""
    if isinstance(error, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return (
            413,
            "too_large",
            (
                f"The body has more than {limit:,} bytes: send the rows as a file "
                "(multipart), which may be larger."
            ),
        )
    return 400, "bad_request", f"The request cannot be read: {error or 'it is broken'}."


def answer(status: int, code: str, detail: str) -> JsonResponse:
    """A refusal from outside the API's views: no such address, or a fault."""
    return JsonResponse({"code": code, "detail": detail}, status=status)


def _told(given: Any) -> dict[str, Any]:
    """What the framework says, in the shape of all refusals.

    `fields` has what is wrong with each of several fields.
    """
    if isinstance(given, dict) and set(given) == {"detail"}:
        detail = given["detail"]
        return {"code": getattr(detail, "code", "refused"), "detail": str(detail)}
    told = {"code": "invalid", "detail": " ".join(_sentences(given))}
    return told | {"fields": given} if isinstance(given, dict) else told


def _sentences(given: Any, name: str = "") -> Iterator[str]:
    if isinstance(given, dict):
        for key, inner in given.items():
            yield from _sentences(inner, "" if key == "non_field_errors" else str(key))
    elif isinstance(given, list):
        for inner in given:
            yield from _sentences(inner, name)
    else:
        yield f"{name}: {given}" if name else str(given)
