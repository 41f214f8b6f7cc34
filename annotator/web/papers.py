"""A paper as PDF, in English where its font cannot show the person's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from annotator.formats import pdf
from annotator.formats.paper import Paper


def as_pdf(
    request: HttpRequest, make: Callable[[], Paper], *, made_at: datetime, name: str
) -> HttpResponse:
    """What `make` makes of the paper in the language of the moment, as `name`.pdf."""
    face = pdf.Face(Path(settings.REPORT_FONT) if settings.REPORT_FONT else None)
    asked = get_language() or "en"
    with override(asked if face.is_chinese else "en"):
        paper = make()
        if get_language() != asked:
            paper = replace(paper, notes=(*paper.notes, _in_english()))
        site = request.build_absolute_uri("/").rstrip("/")
        made = pdf.render(paper, made_at=made_at, face=face, site=site)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _in_english() -> str:
    return _("This PDF is in English: its font has Latin letters only.")
