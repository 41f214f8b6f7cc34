"""A coach for unit tests: answers at once, and always the same. Never the default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from revision_engine.types import CoachRef, Completion


class FakeBackend:
    """Adds the coach's name to the response, so that a test sees who wrote it.

    A pair with UNPARSEABLE, TOOLONG or BREAKS in it gets no draft: an answer without
    fields, a refusal, an error.
    """

    def __init__(self, coach: CoachRef, store: Path) -> None:
        self.coach = coach

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        for place, prompt in enumerate(prompts):
            yield place, self._revise(prompt)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        written = self._revise(prompt)
        tell(written.text[: len(written.text) // 2])
        return written

    def _revise(self, turn: str) -> Completion:
        if "BREAKS" in turn:
            raise RuntimeError("The fake coach breaks on this pair, as told.")
        if "TOOLONG" in turn:
            return Completion(text="", new_tokens=0, finished=False, refused=True)
        if "UNPARSEABLE" in turn:
            return Completion(text="no fields here", new_tokens=3)
        _, _, shown = turn.removeprefix(self.coach.wording).partition("\n\n")
        text = f"{shown.rstrip()} Revised by {self.coach.name}."
        return Completion(text=text, new_tokens=len(text.split()), mean_logprob=-0.5)
