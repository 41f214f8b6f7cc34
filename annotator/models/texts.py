from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from revision_engine.types import PairText

FIELD_LABELS = {
    "instruction": _("Instruction"),
    "input": _("Input"),
    "response": _("Response"),
}
TEXT_LABELS = {**FIELD_LABELS, "context": _("Earlier turns")}
"""What of a raw pair people and coaches are shown."""
RAW_LABELS = {
    **TEXT_LABELS,
    "shape": _("Around the chat"),
    "extra": _("Other columns"),
}
"""All that rules may alter."""


class HoldsText:
    """A row with the three fields of a pair."""

    instruction: str
    input: str
    response: str

    @property
    def text(self) -> PairText:
        return PairText(
            instruction=self.instruction, input=self.input, response=self.response
        )


class WrittenJson(models.Field):
    """JSON as it was written: `jsonb` would sort its keys, and refuse NULs."""

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str, *ignored: object) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str:
        return json.dumps(value)
