"""The judge that needs no network: a preference model on the form of texts.

It knows what experts of the revisions it was fitted on prefer in lengths, layout and
wording. It cannot tell whether a response is right: `Papers` say how far it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from revision_engine.types import PairText
from training.evaluation.judges import form
from training.evaluation.judges.judge import Contest, Judgement, Preference, Winner
from training.evaluation.judges.preference_model import PreferenceModel
from training.evaluation.logistic import Numbers
from training.examples import fingerprint
from training.manifest import PRINT_CHARS

SHIPPED = Path(__file__).parents[2] / "shipped" / "judge" / "preference_model.json"
EVEN = 0.05
"""A contest is a tie if P(the first is better) is no further from 0.5."""
REASONS = 3
"""Features named in a reason: those that move a score most."""


class EmbeddedJudge:
    """Always the same answer, in any order of two texts."""

    name = "embedded"

    def __init__(self, model: PreferenceModel) -> None:
        self.model = model
        self._seen = frozenset(model.papers.seen)
        self.version = f"embedded-{form.VERSION}-{model.digest[:12]}"

    def has_seen(self, raw: PairText) -> bool:
        """Whether it was fitted on a revision of this pair."""
        return fingerprint(raw)[:PRINT_CHARS] in self._seen

    @classmethod
    def shipped(cls) -> EmbeddedJudge:
        """Fitted on the published expert revisions."""
        return cls(PreferenceModel.read(SHIPPED))

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        """Ratings by quantiles of the fit: 4 is better than 80 % of its texts, of which
        half are raw and half revised. This is not what a person calls a 4."""
        if not pairs:
            return []
        columns = _columns(pairs)
        ratings = self.model.ratings(columns)
        moves = (columns - np.array(self.model.middle)) * np.array(self.model.weights)
        return [
            Judgement(rating=float(rating), reason=_reason(move))
            for rating, move in zip(ratings, moves, strict=True)
        ]

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        if not contests:
            return []
        firsts = _columns([contest.first for contest in contests])
        moves = firsts - _columns([contest.second for contest in contests])
        odds = self.model.scores(moves)
        moves = moves * np.array(self.model.weights)
        return [
            Preference(as_given=winner, swapped=winner, reason=_reason(move))
            for odd, move in zip(odds, moves, strict=True)
            for winner in [_winner(float(odd))]
        ]


def _columns(pairs: Sequence[PairText]) -> Numbers:
    return np.array([form.features(pair) for pair in pairs])


def _winner(odds: float) -> Winner:
    probability = 1 / (1 + np.exp(-odds))
    if abs(probability - 0.5) <= EVEN:
        return Winner.TIE
    return Winner.FIRST if odds > 0 else Winner.SECOND


def _reason(moves: Numbers) -> str:
    """What moved a score most, up (+) or down (-)."""
    order = np.argsort(-np.abs(moves), kind="stable")[:REASONS]
    return ", ".join(
        f"{'+' if moves[at] > 0 else '-'} {form.FEATURES[at]}"
        for at in order
        if moves[at]
    )
