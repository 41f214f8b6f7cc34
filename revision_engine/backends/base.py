"""What the engine asks of a backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from revision_engine.types import CoachRef, Completion


class Outage(RuntimeError):
    """The backend cannot be had: to ask again for each pair would only take longer."""


class Backend(Protocol):
    """One coach, ready to write.

    Settings name the class by dotted path. Making one loads the coach, and raises if
    it cannot be had.
    """

    def __init__(self, coach: CoachRef, store: Path) -> None: ...

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        """Answer user turns greedily: (place in `prompts`, answer), each as soon as it
        is finished, in any order. Closing the iterator ends the work.

        A turn that is too long for the model is not shortened but `refused`; one that
        reached the length limit, or was stopped in a loop, is not `finished`. No
        chance is involved, though in low precision the company in a batch can tip a
        choice between near equals.
        """
        ...

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        """Answer one turn while a person watches: `tell` gets the text so far, a few
        times a second. The words are sampled; the same seed gives the same ones."""
        ...
