"""What every judge promises, whoever it is: a model, a server, or people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from revision_engine.types import PairText

LOWEST, HIGHEST = 0.0, 5.0
"""The scale of ratings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One pair's rating; either it or a problem is there."""

    rating: float | None
    """From LOWEST to HIGHEST; None if the judge gave none."""
    reason: str = ""
    """In the judge's words: untrusted text."""
    problem: str = ""
    """Empty, or why there is no rating."""

    def __post_init__(self) -> None:
        if (self.rating is None) != bool(self.problem):
            raise ValueError("a judgement has a rating or a problem, and not both")
        if self.rating is not None and not LOWEST <= self.rating <= HIGHEST:
            raise ValueError(
                f"rating must be from {LOWEST} to {HIGHEST}, got {self.rating}"
            )


class Winner(StrEnum):
    """Which of two pairs is better."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Two pairs to compare, mostly two responses to one instruction."""

    first: PairText
    second: PairText


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """The better of two pairs, asked for in both orders."""

    as_given: Winner | None
    """The answer to (first, second); None if there was none that could be read."""
    swapped: Winner | None
    """The answer to (second, first), in the words of the order that was given."""
    reason: str = ""
    """In the judge's words: untrusted text."""
    problem: str = ""
    """Empty, or why one of the answers is missing."""

    @property
    def winner(self) -> Winner | None:
        """What both orders agree on, else a tie; None if an answer is missing."""
        if self.as_given is None or self.swapped is None:
            return None
        return self.as_given if self.consistent else Winner.TIE

    @property
    def consistent(self) -> bool:
        """Both orders were answered, and alike."""
        return self.as_given is not None and self.as_given == self.swapped


class Judge(Protocol):
    """Answers come in the order of the questions, one for each."""

    @property
    def name(self) -> str:
        """For tables and files, such as "embedded"."""

    @property
    def version(self) -> str:
        """Changes with all that could change an answer."""

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        """How good each pair is."""

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        """Which of two is better, each contest in both orders."""
