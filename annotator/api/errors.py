"""Refusals as JSON: one family of errors, mapped once."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotator.domain.errors import WorkflowError
from annotator.formats.reading import UnreadableFile


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"code", "detail"}` with the error's own status."""
    if isinstance(error, WorkflowError):
        return Response({"code": error.code, "detail": str(error)}, status=error.status)
    if isinstance(error, UnreadableFile):
        return Response({"code": "unreadable_file", "detail": str(error)}, status=422)
    return exception_handler(error, context)
