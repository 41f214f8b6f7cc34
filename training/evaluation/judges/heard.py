"""A judge whose every answer is kept, to be laid beside another's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from revision_engine.types import PairText
from training.evaluation.judges.judge import Contest, Judge, Judgement, Preference

PORTION = 32
"""Questions that a judge is given together; after them it is told that it lives."""


def _nothing() -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Heard:
    """Judges that are asked the same questions in the same order, each behind one of
    these, can be compared answer by answer."""

    judge: Judge
    tell: Callable[[], None] = _nothing
    """Called after each portion; what it raises ends the asking."""
    ratings: list[Judgement] = field(default_factory=list)
    preferences: list[Preference] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.judge.name

    @property
    def version(self) -> str:
        return self.judge.version

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        found: list[Judgement] = []
        for start in range(0, len(pairs), PORTION):
            found += self.judge.rate(pairs[start : start + PORTION])
            self.tell()
        self.ratings += found
        return found

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        found: list[Preference] = []
        for start in range(0, len(contests), PORTION):
            found += self.judge.prefer(contests[start : start + PORTION])
            self.tell()
        self.preferences += found
        return found

    @property
    def problems(self) -> dict[str, int]:
        """Why answers are missing, and how many for each reason."""
        said = [each.problem for each in self.ratings]
        said += [each.problem for each in self.preferences]
        return dict(Counter(problem for problem in said if problem))
