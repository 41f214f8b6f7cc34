"""Two coaches compared on live work: figures with intervals, and when to decide.

**The deciding figure** is the mean edit distance from draft to final text. It is what a
draft is for (the fewer characters a person has to change, the better it was), every
review has one, and it is the least noisy of what is measured: minutes depend on who
was interrupted, acceptance throws away how much was changed, and returns are rare and
come late. It can be gamed by drafts that people let pass: so acceptance, active time
and returns are **guards**, and a challenger that is clearly worse by one of them is not
better.

**It is looked at twice and no more**: when both coaches have `needed` reviews, and, if
that settles nothing, at twice as many. A look takes all reviews up to the one that
completed it, whenever it is asked for, so both sides are of the same days and asking
often changes nothing. Each look's interval is one of 97.5 %: so in the long run at most
5 % of the challenges between equals end with a difference, half of them with a wrong
promotion. Figures may be read at any time; they decide nothing.

**The interval is not enough**: edit distances are skewed, and where the challenger
writes a small share, its few reviews miss the long ones and look better than they are.
So the labels "champion" and "challenger" are also dealt anew within each person's
reviews, as the hash dealt them, and a difference must be as rare there as by its
interval. That test is exact for any distances and any number of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from annotator.domain.challenge.figures import (
    LEVEL,
    FigureName,
    Reviewed,
    draws_of,
    ratio,
    side_of,
)
from annotator.domain.intervals import Interval
from annotator.domain.resampling import Draws, chance_of

LOOKS = 2
DECIDING_LEVEL = 1 - (1 - LEVEL) / LOOKS
"""Of the intervals that decide (Bonferroni: the looks share the 5 %)."""
DECIDING = FigureName.EDITED
GUARDS = {FigureName.ACCEPTED: 1, FigureName.MEAN_SECONDS: -1, FigureName.RETURNED: -1}
"""1: more is better; -1: less is better."""


class ChallengeCode(StrEnum):
    """What the reviews say about the two coaches."""

    NOT_ENOUGH = "not_enough"
    BETTER = "better"
    WORSE = "worse"
    GUARDED = "guarded"
    """Less to change, but clearly worse by a guard."""
    NO_DIFFERENCE = "no_difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeFinding:
    """What the last look found, and what the next one waits for."""

    code: ChallengeCode
    look: int = 0
    """1 or 2; 0: none yet."""
    lacking_champion: int = 0
    """Reviews to the next look; 0 after the last."""
    lacking_challenger: int = 0
    difference: Interval | None = None
    """Of the deciding figure, challenger less champion, at DECIDING_LEVEL."""
    champion: float | None = None
    challenger: float | None = None
    n_champion: int = 0
    """Reviews that the look was taken on."""
    n_challenger: int = 0
    guard: FigureName | None = None

    @property
    def is_final(self) -> bool:
        """Whether it settles the challenge."""
        return self.look == LOOKS or self.code in (
            ChallengeCode.BETTER,
            ChallengeCode.WORSE,
        )


def decide(rows: Sequence[Reviewed], needed: int) -> ChallengeFinding:
    """The verdict on reviews in the order in which they were sent in."""
    verdict = ChallengeFinding(code=ChallengeCode.NOT_ENOUGH)
    for look in range(1, LOOKS + 1):
        size = window(rows, look * needed)
        if size is None:
            return _waiting(verdict, rows, look * needed)
        verdict = _look(rows[:size], look)
        if verdict.is_final:
            break
    return verdict


def window(rows: Sequence[Reviewed], each: int) -> int | None:
    """How many reviews there were when both sides first had so many; None: not yet."""
    seen = [0, 0]
    for size, row in enumerate(rows, 1):
        seen[row.by_challenger] += 1
        if min(seen) >= each:
            return size
    return None


def _waiting(
    last: ChallengeFinding, rows: Sequence[Reviewed], each: int
) -> ChallengeFinding:
    """The last look's verdict, with what the next one waits for."""
    theirs = sum(row.by_challenger for row in rows)
    return replace(
        last,
        lacking_champion=max(each - (len(rows) - theirs), 0),
        lacking_challenger=max(each - theirs, 0),
    )


def _look(rows: Sequence[Reviewed], look: int) -> ChallengeFinding:
    draws = draws_of(rows)
    found = ratio(rows, draws, DECIDING, DECIDING_LEVEL)
    verdict = ChallengeFinding(
        code=ChallengeCode.NO_DIFFERENCE,
        look=look,
        difference=found.difference,
        champion=_value(found.champion),
        challenger=_value(found.challenger),
        n_champion=found.n_champion,
        n_challenger=found.n_challenger,
    )
    gap = found.difference
    if gap is None or gap.low <= 0 <= gap.high or not _is_rare(rows):
        return verdict
    if gap.low > 0:
        return replace(verdict, code=ChallengeCode.WORSE)
    if guard := _broken_guard(rows, draws):
        return replace(verdict, code=ChallengeCode.GUARDED, guard=guard)
    return replace(verdict, code=ChallengeCode.BETTER)


def _value(interval: Interval | None) -> float | None:
    return interval.value if interval else None


def _is_rare(rows: Sequence[Reviewed]) -> bool:
    """Whether labels dealt anew seldom make the sides differ so much."""
    edited = np.array([float(row.edited) for row in rows])
    people = np.array([row.person for row in rows])
    return min(chance_of(edited, side_of(rows), people)) <= (1 - DECIDING_LEVEL) / 2


def _broken_guard(rows: Sequence[Reviewed], draws: Draws) -> FigureName | None:
    """The first guard by which the challenger is clearly worse."""
    for name, sign in GUARDS.items():
        gap = ratio(rows, draws, name, DECIDING_LEVEL).difference
        if gap and max(sign * gap.low, sign * gap.high) < 0:
            return name
    return None
