"""Pages go packed over the wire; files that are downloaded stay as they are.

An export may have gigabytes, and its length is told; static files are packed already.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PackedPages(GZipMiddleware):
    """Middleware: gzip for HTML that is not streamed.

    Django adds random bytes to the head, and masks each CSRF token, so that the length
    tells nothing (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if response.streaming or not is_page:
            return response
        return super().process_response(request, response)
