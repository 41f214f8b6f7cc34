"""Whether a new coach may take over: promote, hold, or reject, and why.

The gate reads the figures of one evaluation (see metrics) and a project's Rule.

Beside an active coach
- *Better*: the new coach saves more effort on the same pairs, with the confidence that
  the rule asks for. One-sided, since only a gain is worth a change, by an exchange test
  (bootstrap.confidence), which is exact on any number of pairs.
- *No worse*, on every guard: a guard is broken when the whole 95 % interval of the
  paired difference lies beyond its tolerance on the bad side. That is a veto on
  evidence of harm, not a proof that there is none: on few pairs a small harm passes.
  A figure that is worse than tolerated, though not surely, is told as in doubt.
- Reject: a guard is broken, or the whole interval of effort saved is below 0.
  Promote: better, and no guard broken. Hold: all else, such as too few pairs.

Error rates (simulated in tests/training/evaluation/test_gate.py): a coach that is just
like the active one is promoted in at most 1 - confidence of its evaluations, that is
5 %; each further coach that is tried has that chance again. It breaks a guard without
tolerance in 2.5 % (on 30 pairs up to 5 %), and is then rejected: the safe side.

A first coach has none to be compared with: the whole interval of its effort saved must
be above the least gain, and the rule's limits must hold. Effort saved counts the better
of raw and draft and is never negative, so it is the limits, and a least gain above 0,
that keep out a first coach whose drafts are seldom of use.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from training.evaluation.figures import (
    AGAINST_RAW,
    BETTER,
    CURRENT,
    DIFFERENCE,
    EFFORT_SAVED,
    Figure,
)
from training.evaluation.rule import Better, Guard, Limit, Rule

POWER = 0.8
"""Chance of showing the observed gain, when the gate says how many pairs it takes."""

Known = Mapping[tuple[str, str], Figure]


class Outcome(StrEnum):
    """What the gate advises."""

    PROMOTE = "promote"
    HOLD = "hold"
    REJECT = "reject"


class Code(StrEnum):
    """What a reason says; screens have their own words for it."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SURE = "not_sure"
    GAIN_TOO_SMALL = "gain_too_small"
    GUARD_KEPT = "guard_kept"
    GUARD_IN_DOUBT = "guard_in_doubt"
    """Worse than is tolerated, but not surely so: no veto, and no all-clear."""
    GUARD_BROKEN = "guard_broken"
    LIMIT_KEPT = "limit_kept"
    LIMIT_BROKEN = "limit_broken"
    LIMIT_IN_DOUBT = "limit_in_doubt"
    MISSING_FIGURE = "missing_figure"
    TOO_FEW_PAIRS = "too_few_pairs"


FOR_PROMOTE = {Code.BETTER, Code.GUARD_KEPT, Code.GUARD_IN_DOUBT, Code.LIMIT_KEPT}
FOR_REJECT = {Code.WORSE, Code.GUARD_BROKEN, Code.LIMIT_BROKEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that the gate looked at, with the figures it saw."""

    code: str
    sentence: str
    figure: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    asked: float | None = None
    """A guard's tolerance, or a limit's bound."""
    more_pairs: int | None = None
    """About how many more held-out pairs it takes to decide: of all reasons together,
    told by the first of them that needs any. None: told elsewhere, or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's advice, with all its reasons, the decisive ones first."""

    outcome: str
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {"reasons": list(values["reasons"])}


def decide(rule: Rule, figures: Sequence[Figure]) -> Decision:
    """Judge one evaluation: against the active coach, or alone if there is none."""
    known = {(f.name, f.side): f for f in figures if not f.category}
    compared = any(side == CURRENT for _, side in known)
    reasons = list(_beside(rule, known) if compared else _alone(rule, known))
    pairs = max((figure.n for figure in known.values()), default=0)
    if pairs < rule.minimum_pairs:
        reasons.append(_too_few(rule, pairs))
    outcome = _outcome({Code(reason.code) for reason in reasons})
    reasons.sort(key=lambda reason: _weight(Code(reason.code)))
    return Decision(outcome=outcome, reasons=_with_one_number(reasons))


def _with_one_number(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Say once how many more pairs it takes: what is enough for every reason."""
    asking = [reason for reason in reasons if reason.more_pairs]
    if not asking:
        return tuple(reasons)
    most = max(reason.more_pairs or 0 for reason in asking)
    advice = (
        f"About {most:,} more held-out {'pair' if most == 1 else 'pairs'} would tell."
    )
    first = asking[0]
    told = replace(first, more_pairs=most, sentence=f"{first.sentence} {advice}")
    return tuple(
        told if reason is first else replace(reason, more_pairs=None)
        for reason in reasons
    )


def _outcome(codes: set[Code]) -> Outcome:
    if Code.TOO_FEW_PAIRS in codes:
        return Outcome.HOLD
    if codes & FOR_REJECT:
        return Outcome.REJECT
    return Outcome.PROMOTE if codes <= FOR_PROMOTE else Outcome.HOLD


def _weight(code: Code) -> int:
    order = (Code.TOO_FEW_PAIRS, Code.WORSE, Code.BETTER, Code.NOT_SURE)
    kept = (Code.GUARD_KEPT, Code.LIMIT_KEPT)
    middle = len(order) + (code not in FOR_REJECT)
    return order.index(code) if code in order else middle + 2 * (code in kept)


def _beside(rule: Rule, known: Known) -> Iterator[Reason]:
    """The new coach on the same pairs as the active one."""
    gain = known.get((EFFORT_SAVED, DIFFERENCE))
    chance = known.get((BETTER, DIFFERENCE))
    if gain and chance:
        yield _gain(rule, gain, chance.value)
    else:
        yield _missing(EFFORT_SAVED)
    for guard in rule.guards:
        found = known.get((guard.figure, DIFFERENCE))
        yield _guarded(guard, found) if found else _missing(guard.figure)


def _gain(rule: Rule, gain: Figure, chance: float) -> Reason:
    seen = f"{_said(gain)}, better with {chance:.1%} confidence"
    if gain.high < 0:
        return _reason(Code.WORSE, gain, f"It saves less effort: {_said(gain)}.")
    if chance < rule.confidence or gain.value <= 0:
        return _not_sure(rule, gain, f"{seen}; {rule.confidence:.1%} is asked for.")
    if gain.value < rule.least_gain:
        asked = f"the least gain asked for is {100 * rule.least_gain:.1f} points"
        return _reason(Code.GAIN_TOO_SMALL, gain, f"{seen}, but {asked}.")
    return _reason(Code.BETTER, gain, f"It saves more effort: {seen}.")


def _not_sure(rule: Rule, gain: Figure, seen: str) -> Reason:
    sentence = f"It is not sure to save more effort: {seen}"
    if gain.value <= 0 and gain.n >= rule.minimum_pairs:
        sentence += " There was no gain that more pairs could show."
    more = _more_pairs(rule, gain)
    return _reason(Code.NOT_SURE, gain, sentence, more_pairs=more)


def _more_pairs(rule: Rule, gain: Figure) -> int | None:
    """For a one-sided test to show the observed gain with a chance of POWER.

    An interval shrinks with the root of the pairs. None where nothing was gained.
    """
    error = (gain.high - gain.low) / (2 * NormalDist().inv_cdf(0.975))
    if gain.value <= 0 or not error:
        return None
    steps = NormalDist().inv_cdf(rule.confidence) + NormalDist().inv_cdf(POWER)
    return max(1, math.ceil(gain.n * ((steps * error / gain.value) ** 2 - 1)))


def _guarded(guard: Guard, found: Figure) -> Reason:
    """Broken if even the interval's better end is worse than what is tolerated."""
    sign = -1 if guard.better == Better.HIGHER else 1
    least_harm = min(sign * end for end in (found.low, found.high))
    said = f"{guard.figure}: {_said(found)}; {guard.tolerance:g} worse is tolerated."
    if least_harm > guard.tolerance:
        code, sentence = Code.GUARD_BROKEN, f"It is worse on {said}"
    elif sign * found.value > guard.tolerance:
        code, sentence = Code.GUARD_IN_DOUBT, f"It may be worse on {said}"
    else:
        code, sentence = Code.GUARD_KEPT, f"It is not worse on {said}"
    return _reason(code, found, sentence, asked=guard.tolerance)


def _alone(rule: Rule, known: Known) -> Iterator[Reason]:
    """A first coach against the raw pairs."""
    saved = known.get((EFFORT_SAVED, AGAINST_RAW))
    yield _first_gain(rule, saved) if saved else _missing(EFFORT_SAVED)
    for limit in rule.limits:
        found = known.get((limit.figure, limit.side))
        yield _limited(limit, found) if found else _missing(limit.figure)


def _first_gain(rule: Rule, saved: Figure) -> Reason:
    if saved.low > rule.least_gain:
        return _reason(Code.BETTER, saved, f"It saves effort: {_said(saved)}.")
    asked = f"all of it above {100 * rule.least_gain:.1f} is asked for"
    sentence = f"It is not sure to save enough effort: {_said(saved)}, {asked}."
    return _reason(Code.NOT_SURE, saved, sentence)


def _limited(limit: Limit, found: Figure) -> Reason:
    sign = 1 if limit.better == Better.HIGHER else -1
    ends = (found.low, found.high)
    if sign * found.value >= sign * limit.bound:
        code, word = Code.LIMIT_KEPT, "keeps"
    elif max(sign * end for end in ends) < sign * limit.bound:
        code, word = Code.LIMIT_BROKEN, "breaks"
    else:
        code, word = Code.LIMIT_IN_DOUBT, "may break"
    word = f"It {word} the limit {limit.bound:g} of {limit.figure}"
    return _reason(code, found, f"{word}: {_said(found)}.", asked=limit.bound)


def _missing(name: str) -> Reason:
    return Reason(
        code=Code.MISSING_FIGURE,
        figure=name,
        sentence=f"This evaluation has no figure for {name}.",
    )


def _too_few(rule: Rule, pairs: int) -> Reason:
    return Reason(
        code=Code.TOO_FEW_PAIRS,
        more_pairs=rule.minimum_pairs - pairs,
        sentence=f"There are {pairs} held-out pairs; the gate decides on "
        f"{rule.minimum_pairs} or more.",
    )


def _reason(
    code: Code,
    figure: Figure,
    sentence: str,
    *,
    asked: float | None = None,
    more_pairs: int | None = None,
) -> Reason:
    return Reason(
        code=code,
        sentence=sentence,
        figure=figure.name,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        asked=asked,
        more_pairs=more_pairs,
    )


def _said(figure: Figure) -> str:
    """Value and interval: a share in per cent, all else in its own unit."""
    share, difference = figure.unit.startswith("share"), figure.side == DIFFERENCE
    scale, digits = (100, 1) if share else (1, 2)
    form = f"{'+' if difference else ''}.{digits}f"
    unit = figure.unit.replace("0 to 100", "points")
    if share:
        unit = "percentage points" if difference else "%"
    numbers = (figure.value, figure.low, figure.high)
    value, low, high = (format(scale * number, form) for number in numbers)
    return f"{value} [{low}, {high}] {unit}"
