"""Bodies of requests, read as files of pairs are."""

from __future__ import annotations

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from annotator.formats.json_values import loads


class JsonBody(JSONParser):
    """JSON in UTF-8, up to the size that a body may have; NaN is null."""

    def parse(
        self, stream: IO[Any], media_type: Any = None, parser_context: Any = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            return loads(body.decode("utf-8-sig"))
        except RecursionError:
            raise ParseError("The body's JSON is nested too deeply.") from None
        except UnicodeDecodeError as error:
            byte = error.start + 1
            raise ParseError(f"The body is not UTF-8 at its byte {byte:,}.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None
