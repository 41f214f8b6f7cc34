"""Dataset reports in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.domain.dataset_reports import Source
from annotator.formats import two_sided
from annotator.models import DatasetReport
from annotator.selectors import before_after
from annotator.services import report_pairs

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SOURCES: dict[Source, StrPromise] = {
    Source.ACCEPTED: _("all accepted pairs"),
    Source.BATCH: _("accepted pairs of a batch"),
    Source.COACH: _("accepted pairs that went on from a coach's draft"),
    Source.REWRITE: _("a rewrite"),
    Source.EXPORT: _("the file of an export"),
    Source.FILE: _("a file from elsewhere"),
}
SIGNS: dict[str, str] = {
    DatasetReport.State.WAITING: "queued",
    DatasetReport.State.MAKING: "training",
    DatasetReport.State.DONE: "ready",
    DatasetReport.State.FAILED: "failed",
    DatasetReport.State.CANCELLED: "cancelled",
}
"""The colour of a state's dot, among those there are."""
LEFT_OUT: dict[str, StrPromise] = {
    before_after.NOT_ACCEPTED: _("not accepted yet"),
    before_after.EXCLUDED: _("excluded"),
    before_after.NOT_DONE: _("not revised yet"),
    two_sided.ONE_SIDE: _("without a raw side"),
    two_sided.UNREADABLE: _("could not be read"),
    two_sided.NO_PARTNER: _("with no partner in the other file"),
    two_sided.TWICE: _("whose id stands more than once"),
    report_pairs.GONE: _("whose pair is gone"),
}
PARTS: dict[str, StrPromise] = {
    "instruction": _("Instruction with input"),
    "response": _("Response"),
}
FIELDS: dict[str, StrPromise] = {
    "pair": _("Any field"),
    "instruction": _("Instruction"),
    "input": _("Input"),
    "response": _("Response"),
}
KINDS: dict[str, StrPromise] = {
    "improved": _("Rated most better"),
    "worsened": _("Rated most worse"),
    "drawn": _("Drawn by the seed"),
}
