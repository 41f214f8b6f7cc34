"""How often a contestant wins against its counterpart, plainly and at equal length.

With W wins, T ties and L losses of N (the CoachLM paper): WR1 = (W + T/2) / N, WR2 =
W / (N - T), QS = (W + T) / N.

The length-controlled rate is after AlpacaEval 2 (Dubois et al. 2024, arXiv 2404.04475):
a logistic regression of the outcome on how much longer the contestant's response is,
read where both are as long. Its length term is tanh of the difference in characters
over its standard deviation, as there; AlpacaEval's further terms, for each instruction,
need many models' answers to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation import bootstrap, logistic
from training.evaluation.judges.judge import Contest, Preference, Winner
from training.evaluation.logistic import Numbers

RIDGE = 1.0
"""On the length term: few contests cannot make it infinite."""
RESAMPLES = 500
FEWEST = 20
"""Contests, without which there is no length-controlled rate."""
OUTCOMES = {Winner.FIRST: 1.0, Winner.TIE: 0.5, Winner.SECOND: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share, 0 to 1, with its 95 % bootstrap interval over contests."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """How the first of each contest did against the second."""

    wins: int
    ties: int
    losses: int
    unanswered: int
    """Without an answer in both orders: in none of the figures."""
    wr1: Rate | None
    wr2: Rate | None
    """None if all are ties."""
    qs: Rate | None
    length_controlled: Rate | None
    """WR1 if both were as long; None for fewer than FEWEST contests, and where the same
    side is always the longer one: then nothing is known of equal lengths."""
    longer: Rate | None
    """How often the first is the longer one, a tie counting half: what a judge that
    looks at length alone would call WR1."""


def win_rate(
    contests: Sequence[Contest],
    preferences: Sequence[Preference],
    times: Numbers | None = None,
) -> WinRate:
    """Of the first of each contest, by what a judge preferred.

    `times`: how often each contest counts in each resample, the first row each once;
    by default contests are drawn one by one, as if none had to do with another.
    """
    told = dict(enumerate(each.winner for each in preferences))
    answered = {at: winner for at, winner in told.items() if winner is not None}
    outcomes = np.array([OUTCOMES[winner] for winner in answered.values()])
    ahead = np.array([_ahead(contests[at]) for at in answered], float)
    if times is not None:
        times = times[:, list(answered)]
    else:
        times = bootstrap.draws(len(answered)) if answered else np.zeros((1, 0))
    wins, ties = (outcomes == 1.0).astype(float), (outcomes == 0.5).astype(float)
    every = np.ones(len(answered))
    return WinRate(
        wins=int(wins.sum()),
        ties=int(ties.sum()),
        losses=int((outcomes == 0.0).sum()),
        unanswered=len(contests) - len(answered),
        wr1=_share(times, wins + ties / 2, every),
        wr2=_share(times, wins, every - ties),
        qs=_share(times, wins + ties, every),
        length_controlled=_length_controlled(outcomes, ahead, times),
        longer=_share(times, (np.sign(ahead) + 1) / 2, every),
    )


def _ahead(contest: Contest) -> int:
    """By how many characters the first response is the longer one."""
    return len(contest.first.response) - len(contest.second.response)


def _share(times: Numbers, part: Numbers, whole: Numbers) -> Rate | None:
    with np.errstate(invalid="ignore", divide="ignore"):
        return _rate((times @ part) / (times @ whole))


def _rate(values: Numbers) -> Rate | None:
    found = bootstrap.interval(values)
    return Rate(value=found[0], low=found[1], high=found[2]) if found else None


def _length_controlled(
    outcomes: Numbers, ahead: Numbers, times: Numbers
) -> Rate | None:
    if len(outcomes) < FEWEST or not ahead.min() <= 0 <= ahead.max():
        return None
    spread = ahead.std()
    terms = np.tanh(ahead / spread if spread else ahead)
    some = times[: RESAMPLES + 1]
    return _rate(np.array([_at_equal_length(outcomes, terms, row) for row in some]))


def _at_equal_length(outcomes: Numbers, terms: Numbers, times: Numbers) -> float:
    """P(win) where the length term is 0. A tie is half a win and half a loss."""
    columns = np.concatenate([terms, terms])[:, None]
    yes = np.repeat([1.0, 0.0], len(terms))
    counts = np.concatenate([times * outcomes, times * (1 - outcomes)])
    found = logistic.fit(columns, yes, RIDGE, counts)
    return float(found.probabilities(np.zeros((1, 1)))[0])
