"""Exports in people's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from annotator.formats.exports.orders import (
    Beside,
    ExportFile,
    ExportShape,
    Looked,
    RejectedSide,
    StateWanted,
)
from annotator.models import Export

SHAPES = {
    ExportShape.ALPACA: (_("Alpaca"), '{"instruction", "input", "output"}'),
    ExportShape.MESSAGES: (
        _("Chat messages"),
        '{"messages": [{"role": "user", "content"}, …]}',
    ),
    ExportShape.SHAREGPT: (
        "ShareGPT",
        '{"conversations": [{"from": "human", "value"}, …]}',
    ),
    ExportShape.PROMPT_COMPLETION: (
        _("Prompt and completion"),
        '{"prompt", "completion"}',
    ),
    ExportShape.REVISIONS: (
        _("Expert revisions"),
        '{"Raw Instruction", …, "Revised Response", "Distance"}',
    ),
    ExportShape.COACH: (
        _("Coach training set"),
        '{"raw": {…}, "revised": {…}, "distance", "fixed"}',
    ),
    ExportShape.DPO: (_("Preferences (DPO)"), '{"prompt", "chosen", "rejected"}'),
    ExportShape.KTO: (
        _("Good and bad (KTO)"),
        '{"prompt", "completion", "label": true}',
    ),
    ExportShape.AUDIT: (
        _("Everything, for an audit"),
        '{"raw", "drafts", "reviews", "comments", "events", …}',
    ),
}
"""What a shape is called, and one row of it."""
FILES = {
    ExportFile.JSONL: _("JSON lines"),
    ExportFile.JSON: _("JSON list"),
    ExportFile.CSV: _("CSV"),
    ExportFile.PARQUET: _("Parquet"),
    ExportFile.HUB: _("Hugging Face folder (zip)"),
}
BESIDE = {
    Beside.ALL: _("ids, the file's columns, and where each pair came from"),
    Beside.COLUMNS: _("ids and the file's columns"),
    Beside.NOTHING: _("nothing but the texts"),
}
REJECTED = {
    RejectedSide.DRAFT: _("the coach's draft"),
    RejectedSide.RAW: _("the raw response"),
    RejectedSide.HUNKS: _("the same text with one rejected change"),
}
STATES = {
    StateWanted.ACCEPTED: _("accepted"),
    StateWanted.ALL: _("all"),
    StateWanted.EXCLUDED: _("excluded"),
    StateWanted.UNREVIEWED: _("not yet accepted"),
}
LOOKED = {
    Looked.JUDGED: _("looked at by a person"),
    Looked.UNJUDGED: _("not looked at"),
}
SIGNS: dict[str, str] = {
    Export.State.WAITING: "queued",
    Export.State.WRITING: "training",
    Export.State.DONE: "ready",
    Export.State.FAILED: "failed",
    Export.State.CANCELLED: "cancelled",
}
"""The colour of a state's dot, among those there are."""
