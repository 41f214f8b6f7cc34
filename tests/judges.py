"""Judges for tests: they answer at once, and count how often they are asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from annotator.services import rating
from revision_engine.backends.base import Outage
from revision_engine.types import PairText
from training.evaluation.judges.judge import Contest, Judgement, Preference

ASKED: list[PairText] = []


class LengthJudge:
    """One point a word of the response, up to 5; it refuses what says "refuse"."""

    name = "length"
    version = "1"

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        ASKED.extend(pairs)
        return [self._rate(pair) for pair in pairs]

    def _rate(self, pair: PairText) -> Judgement:
        if "refuse" in pair.response:
            return Judgement(rating=None, problem="refused")
        words = len(pair.response.split())
        return Judgement(rating=float(min(5, words)), reason=f"{words} words")

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        return [Preference(as_given=None, swapped=None, problem="no") for _ in contests]


class ShortJudge(LengthJudge):
    """The other way round."""

    name = "short"

    def _rate(self, pair: PairText) -> Judgement:
        return Judgement(rating=float(max(0, 5 - len(pair.response.split()))))


def falls_silent(judge: object, contests: Sequence[Contest]) -> list[Preference]:
    """A server that has answered some questions, and then no more."""
    raise Outage("No answer from the server.")


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these two be the judges of the installation."""
    known = {"length": LengthJudge, "short": ShortJudge}
    monkeypatch.setattr(rating, "known", lambda: known)
    ASKED.clear()
