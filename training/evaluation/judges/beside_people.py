"""Do judges agree with people, with each other, and more often than length does?

People rated or compared the very same texts blind; so their word is one judge's among
others here. "Longer is better" is one, too: a judge that agrees with people no more
often than it does has told them nothing but lengths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from training.evaluation.judges import agreement, people
from training.evaluation.judges.agreement import Measured
from training.evaluation.judges.judge import Contest, Judgement, Preference, Winner
from training.evaluation.judges.win_rate import OUTCOMES, Rate
from training.evaluation.logistic import Numbers

PEOPLE, LENGTH = "people", "length"
FEWEST = 20
"""Contests that people decided, without which nothing is said about a judge."""
Winners = Sequence[Winner | None]
"""One a contest; None: no answer."""
Ratings = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two judges of the same contests."""

    one: str
    other: str
    same: Measured
    kappa: Measured
    rank: Measured | None = None
    """Spearman's correlation of their ratings; None: one of them gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidePeople:
    """One judge's word on the contests that people decided; a tie counts half."""

    judge: str
    n: int
    agreed: Rate | None
    length: Rate | None
    """How often length alone agrees, in its better direction."""
    lead: Rate | None
    """Of the judge over length; None for fewer than FEWEST contests."""

    @property
    def beats_length(self) -> bool | None:
        """Whether it surely agrees more often than length does; None: not known."""
        return None if self.lead is None else self.lead.low > 0


def by_length(contests: Sequence[Contest]) -> list[Winner]:
    """The longer response."""
    return [
        _winner(len(each.first.response) - len(each.second.response))
        for each in contests
    ]


def _winner(ahead: float) -> Winner:
    if not ahead:
        return Winner.TIE
    return Winner.FIRST if ahead > 0 else Winner.SECOND


def as_preferences(winners: Winners) -> list[Preference]:
    """For figures of preferences: as if both orders had been answered alike."""
    return [
        Preference(as_given=each, swapped=each, problem="" if each else "no answer")
        for each in winners
    ]


def couples(
    winners: Mapping[str, Winners], ratings: Mapping[str, Ratings] | None = None
) -> list[Couple]:
    """Every two judges, in their order; `ratings` of texts, where there are such."""
    preferences = {name: as_preferences(each) for name, each in winners.items()}
    judged = {name: _ranked(each) for name, each in (ratings or {}).items()}
    made = []
    for one, other in combinations(preferences, 2):
        same, kappa = agreement.of_preferences(preferences[one], preferences[other])
        rank = None
        if one in judged and other in judged:
            _, rank = agreement.of_ratings(judged[one], judged[other])
        made.append(Couple(one=one, other=other, same=same, kappa=kappa, rank=rank))
    return made


def _ranked(ratings: Ratings) -> list[Judgement]:
    """On the judges' scale, whatever their own is: only ranks are compared."""
    known = sorted({each for each in ratings if each is not None})
    place = {value: 5 * at / max(1, len(known) - 1) for at, value in enumerate(known)}
    return [
        Judgement(rating=None, problem="no rating")
        if each is None
        else Judgement(rating=place[each])
        for each in ratings
    ]


def beside_people(
    judge: str, contests: Sequence[Contest], said: Winners, by_people: Winners
) -> BesidePeople:
    """Over the contests that people decided and the judge answered."""
    rows = [
        (_right(word, wanted), _right(longer, wanted))
        for word, longer, wanted in zip(
            said, by_length(contests), by_people, strict=True
        )
        if word is not None and wanted not in (None, Winner.TIE)
    ]
    right, longer = np.array(rows, dtype=float).reshape(-1, 2).T
    if not len(right):
        return BesidePeople(judge=judge, n=0, agreed=None, length=None, lead=None)
    return BesidePeople(
        judge=judge,
        n=len(right),
        agreed=people.mean(right),
        length=people.mean(_better(longer)),
        lead=people.gain(right, longer) if len(right) >= FEWEST else None,
    )


def _right(said: Winner, wanted: Winner | None) -> float:
    """1 if a judge names what people did, 0.5 for a tie."""
    found = OUTCOMES[said]
    return found if wanted is Winner.FIRST else 1 - found


def _better(longer: Numbers) -> Numbers:
    return longer if longer.mean() >= 0.5 else 1 - longer
