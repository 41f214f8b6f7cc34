from __future__ import annotations

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
