"""Files in pieces, by the tus protocol 1.0.0 (https://tus.io): core, creation,
expiration and termination. Any client of it can send; the upload form is one."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from rest_framework.parsers import BaseParser
from rest_framework.request import Request as AnyRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.serializers import ImportOptionsSerializer
from annotator.api.views import ApiRequest, project_for
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Batch, Upload
from annotator.services import uploading
from annotator.tasks import take_up

VERSION = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}
ABILITIES = {"Tus-Version": "1.0.0", "Tus-Extension": "creation,expiration,termination"}


class Piece(BaseParser):
    """The bytes as they are."""

    media_type = "application/offset+octet-stream"

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        return stream


class _Speaks(APIView):
    """Names the protocol in each answer."""

    parser_classes = (Piece,)

    def finalize_response(self, request: AnyRequest, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, *args, **kwargs)
        for name, value in VERSION.items():
            answer[name] = value
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        most = {"Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES)}
        return Response(status=204, headers={**ABILITIES, **most})


class UploadList(_Speaks):
    """POST `Upload-Length` and `Upload-Metadata` (filename, and the options of an
    import): the upload's address as `Location` (201)."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        project = project_for(request, slug, Deed.IMPORT)
        told = _metadata(request.headers.get("Upload-Metadata", ""))
        name = told.pop("filename", "") or "upload"
        options = ImportOptionsSerializer(data=told)
        options.is_valid(raise_exception=True)
        upload = uploading.begin(
            project=project,
            actor=request.user,
            name=name,
            size=_number(request, "Upload-Length"),
            options=options.validated_data,
        )
        at = reverse("api-upload", args=[slug, upload.pk])
        return Response(status=201, headers={"Location": at, **_expires(upload)})


class UploadPiece(_Speaks):
    """HEAD: how much is here. PATCH the bytes that follow `Upload-Offset`; the answer
    to the last ones has the batch as `Upload-Batch`, and its page as `Location`.
    DELETE: give it up."""

    def _upload(self, request: ApiRequest, slug: str, pk: UUID) -> Upload:
        project = project_for(request, slug, Deed.IMPORT)
        mine = Upload.objects.filter(project=project, sender=request.user)
        return get_object_or_404(mine.select_related("project", "batch"), pk=pk)

    def head(self, request: ApiRequest, slug: str, pk: UUID) -> Response:
        upload = self._upload(request, slug, pk)
        return Response(status=200, headers=_stands(upload))

    def patch(self, request: ApiRequest, slug: str, pk: UUID) -> Response:
        upload = self._upload(request, slug, pk)
        offset = _number(request, "Upload-Offset")
        try:
            upload = uploading.append(
                upload=upload, actor=request.user, offset=offset, piece=_bytes(request)
            )
        except uploading.WrongPlace as fault:
            return Response(
                {"code": fault.code, "detail": str(fault)},
                status=409,
                headers={"Upload-Offset": str(fault.received)},
            )
        if upload.batch and upload.batch.state != Batch.State.ASKING:
            take_up(upload.batch)
        return Response(status=204, headers=_stands(upload))

    def delete(self, request: ApiRequest, slug: str, pk: UUID) -> HttpResponse:
        uploading.give_up(upload=self._upload(request, slug, pk), actor=request.user)
        return Response(status=204)


def _bytes(request: ApiRequest) -> BinaryIO:
    return cast(BinaryIO, request.data)


def _stands(upload: Upload) -> dict[str, str]:
    headers = {
        "Upload-Offset": str(uploading.received(upload)),
        "Upload-Length": str(upload.size),
        **_expires(upload),
    }
    if upload.batch:
        asks = upload.batch.state == Batch.State.ASKING
        view = "batch-mapping" if asks else "batch"
        page = reverse(view, args=[upload.project.slug, upload.batch.pk])
        headers |= {"Upload-Batch": str(upload.batch.pk), "Location": page}
    return headers


def _expires(upload: Upload) -> dict[str, str]:
    at = upload.heard_at + timedelta(hours=settings.UPLOAD_HOURS)
    return {"Upload-Expires": http_date(at.timestamp())}


def _number(request: ApiRequest, header: str) -> int:
    sent = request.headers.get(header, "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 19):
        raise Invalid(f"The header {header} has to be a number of bytes, not {sent!r}.")
    return int(sent)


def _metadata(header: str) -> dict[str, str]:
    """Keys and their values, which are in base64."""
    found = {}
    for part in filter(None, map(str.strip, header.split(","))):
        key, _, value = part.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid(
                f"Upload-Metadata: the value of {key} is not UTF-8 in base64."
            ) from None
    return found
