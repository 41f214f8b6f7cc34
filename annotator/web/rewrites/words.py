"""Whole-dataset revision in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.formats.revised_rows import TRAINED_ON
from annotator.models import Rewrite, RewriteRow
from annotator.web.labels import PROBLEMS
from revision_engine.postprocess import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


SOURCES: dict[str, StrPromise] = {
    RewriteRow.Source.COACH: _("the coach's revision"),
    RewriteRow.Source.EXPERTS: _("the experts' text, which the coach was trained on"),
    RewriteRow.Source.RAW: _("the raw pair"),
}


# The colour of a state's dot, among those there are.
REWRITE_SIGNS: dict[str, str] = {
    Rewrite.State.RUNNING: "training",
    Rewrite.State.PAUSED: "queued",
    Rewrite.State.DONE: "ready",
    Rewrite.State.CANCELLED: "cancelled",
}


def why_raw(problem: str) -> StrPromise:
    """Why a row kept its raw pair."""
    if problem == TRAINED_ON:
        return _("the coach was trained on it, and the experts' text is not here")
    return PROBLEMS[Problem(problem)]
