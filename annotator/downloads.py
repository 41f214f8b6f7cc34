"""A file of any size as a download; one that is kept can be taken up where it broke
off."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from annotator.formats.exports.orders import ExportFile
from annotator.models import Export, Project, User
from annotator.services import exchanging, exporting
from training.models import CoachVersion
from training.services import packing

KINDS = {
    ExportFile.JSONL: "application/jsonl",
    ExportFile.JSON: "application/json",
    ExportFile.CSV: "text/csv; charset=utf-8",
    ExportFile.PARQUET: "application/vnd.apache.parquet",
    ExportFile.HUB: "application/zip",
}
PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")


def exported(request: HttpRequest, export: Export) -> HttpResponseBase:
    """An export's file; Invalid if there is none, or no longer."""
    kind = KINDS[ExportFile(export.file)]
    return answer(
        request,
        exporting.file_of(export),
        name=export.name,
        kind="application/gzip" if export.order.gzip else kind,
        tag=export.sha256,
    )


def adapter(
    request: HttpRequest, project: Project, actor: User, coach: CoachVersion
) -> HttpResponseBase:
    """The coach's adapter, packed as it is asked for; Invalid if it has none."""
    file = exchanging.pack(project=project, actor=actor, coach=coach)
    size = file.seek(0, os.SEEK_END)
    response = _streamed(request, file, range(size))
    response["Content-Length"] = size
    response["Content-Type"] = "application/zip"
    name = f"{packing.name_of(coach)}{packing.ENDING}"
    response["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    return response


def answer(
    request: HttpRequest, path: Path, *, name: str, kind: str, tag: str
) -> HttpResponseBase:
    """The file, or the one range of it that is asked for (RFC 9110, 14).

    `tag` says which file it is: a download goes on only with the same.
    """
    size = path.stat().st_size
    whole = range(size)
    wanted = _wanted(request, size, tag)
    if wanted is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    response = _streamed(request, path.open("rb"), wanted)
    if wanted != whole:
        response.status_code = 206
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    response["Content-Length"] = len(wanted)
    response["Content-Type"] = kind
    response["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{tag}"'
    return response


def _wanted(request: HttpRequest, size: int, tag: str) -> range | None:
    """The bytes that are asked for; None where there are none such."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    condition = request.headers.get("If-Range", "")
    if not asked or not any(asked.groups()) or condition not in ("", f'"{tag}"'):
        return range(size)
    first, last = asked.groups()
    if first is None:
        start, stop = max(0, size - int(last)), size
    else:
        start = int(first)
        stop = min(size, int(last) + 1) if last else size
    return range(start, stop) if start < stop else None


def _streamed(
    request: HttpRequest, file: IO[bytes], wanted: range
) -> StreamingHttpResponse:
    """In pieces: an ASGI server would first read the whole of a plain iterator."""
    pieces = _pieces(file, wanted)
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(_slowly(pieces))
    return StreamingHttpResponse(pieces)


def _pieces(file: IO[bytes], wanted: range) -> Iterator[bytes]:
    with file:
        file.seek(wanted.start)
        left = len(wanted)
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


async def _slowly(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    take = sync_to_async(lambda: next(pieces, b""))
    while piece := await take():
        yield piece
