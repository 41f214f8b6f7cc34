from __future__ import annotations

import json
from typing import Any

from django.db import models

from revision_engine.types import PairText


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

    def from_db_value(self, value: str, *_: object) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str:
        return json.dumps(value)
