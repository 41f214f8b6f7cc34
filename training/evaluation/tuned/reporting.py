"""What judges find in the answers of tuned models, with intervals over test items and,
where there are several, over seeds.

All of them are asked the same. The first one's figures stand at the top, those of the
others `beside` it, and how far every two agree under `agreement`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from statistics import mean
from typing import Any

from training.evaluation import bootstrap
from training.evaluation.judges import agreement
from training.evaluation.judges.endpoint import EndpointJudge
from training.evaluation.judges.heard import Heard
from training.evaluation.judges.judge import Contest, Judge
from training.evaluation.judges.win_rate import Rate, WinRate, win_rate
from training.evaluation.tuned.testsets import TestItem

VERSION = 1
REFERENCE = "reference"
"""The counterpart that people wrote."""
Answers = Mapping[tuple[str, int], Mapping[str, str]]
"""Of each arm and seed, the response to each item, by its key."""


def report(
    arms: Sequence[str],
    items: Sequence[TestItem],
    done: Answers,
    judge: Judge,
    *others: Judge,
) -> dict[str, Any]:
    """Each arm that has answers: beside the first arm, and beside the references."""
    heard = [
        each if isinstance(each, Heard) else Heard(each) for each in (judge, *others)
    ]
    found = [_judged(arms, items, done, each) for each in heard]
    return {
        "version": VERSION,
        "items": len(items),
        "references": sum(bool(item.reference) for item in items),
        "runs": [{"arm": arm, "seed": seed} for arm, seed in done],
        **found[0],
        "beside": found[1:],
        "agreement": [
            _agreement(one, other, _asked(arms, items, done))
            for one, other in combinations(heard, 2)
        ],
    }


def _judged(
    arms: Sequence[str], items: Sequence[TestItem], done: Answers, judge: Heard
) -> dict[str, Any]:
    """All that one judge finds."""
    found = {
        "judge": {"name": judge.name, "version": judge.version},
        "arms": [_told(arm, items, done, judge) for arm in _present(arms, done)],
        "win_rates": [
            found
            for one, other in _beside(arms, done)
            if (found := _compared(one, other, items, done, judge))
        ],
        "problems": judge.problems,
    }
    if isinstance(judge.judge, EndpointJudge):
        bias = agreement.position_bias(judge.preferences)
        found["usage"] = asdict(judge.judge.usage)
        found["position_bias"] = asdict(bias) | {"lean": bias.lean}
    return found


def _present(arms: Sequence[str], done: Answers) -> list[str]:
    return sorted({arm for arm, _ in done}, key=[*arms, *_others(arms, done)].index)


def _beside(arms: Sequence[str], done: Answers) -> list[tuple[str, str]]:
    present = _present(arms, done)
    others = [arm for arm in present if arm != arms[0]]
    beside = [(arm, arms[0]) for arm in others if arms[0] in present]
    return beside + [(arm, REFERENCE) for arm in present]


def _asked(
    arms: Sequence[str], items: Sequence[TestItem], done: Answers
) -> tuple[list[str], list[str]]:
    """The test item of each rating and of each contest, in the order of the asking."""
    rated = [
        item.key
        for arm in _present(arms, done)
        for name, _ in done
        if name == arm
        for item in items
    ]
    contested = [
        key
        for one, other in _beside(arms, done)
        for key in _contests(one, other, items, done)[1]
    ]
    return rated, contested


def _agreement(
    one: Heard, other: Heard, asked: tuple[list[str], list[str]]
) -> dict[str, Any]:
    """With intervals over test items: all answers to one come together."""
    ratings = agreement.of_ratings(one.ratings, other.ratings, asked[0])
    winners = agreement.of_preferences(one.preferences, other.preferences, asked[1])
    return {
        "judges": [one.name, other.name],
        "ratings": [asdict(each) for each in ratings],
        "preferences": [asdict(each) for each in winners],
    }


def _others(arms: Sequence[str], done: Answers) -> list[str]:
    return sorted({arm for arm, _ in done} - set(arms))


def _told(
    arm: str, items: Sequence[TestItem], done: Answers, judge: Judge
) -> dict[str, Any]:
    """Mean rating and length of an arm's answers."""
    asked = [
        (item, seed, responses[item.key])
        for (name, seed), responses in done.items()
        if name == arm
        for item in items
    ]
    judged = judge.rate([item.answered(response) for item, _, response in asked])
    rated = [
        (item.key, seed, one.rating)
        for (item, seed, _), one in zip(asked, judged, strict=True)
        if one.rating is not None
    ]
    return {
        "arm": arm,
        "seeds": len({seed for _, seed, _ in asked}),
        "answers": len(asked),
        "empty": sum(not response for *_, response in asked),
        "characters": mean(len(response) for *_, response in asked),
        "rated": len(rated),
        "rating": _mean_rating(rated),
    }


def _mean_rating(rated: Sequence[tuple[str, int, float]]) -> dict[str, float] | None:
    if not rated:
        return None
    times = bootstrap.crossed([key for key, *_ in rated], [s for _, s, _ in rated])
    values = times @ [rating for *_, rating in rated] / times.sum(axis=1)
    found = bootstrap.interval(values)
    return asdict(Rate(value=found[0], low=found[1], high=found[2])) if found else None


def _contests(
    one: str, other: str, items: Sequence[TestItem], done: Answers
) -> tuple[list[Contest], list[str], list[int]]:
    """`one` against `other`, with the item and the seed of each contest."""
    contests: list[Contest] = []
    keys: list[str] = []
    seeds: list[int] = []
    for (arm, seed), responses in done.items():
        if arm != one:
            continue
        theirs = _counterpart(other, seed, items, done)
        for item in items:
            if item.key in theirs:
                mine = item.answered(responses[item.key])
                contests.append(
                    Contest(first=mine, second=item.answered(theirs[item.key]))
                )
                keys.append(item.key)
                seeds.append(seed)
    return contests, keys, seeds


def _compared(
    one: str, other: str, items: Sequence[TestItem], done: Answers, judge: Judge
) -> dict[str, Any] | None:
    """Win rates of `one`; None if there is nothing to compare with."""
    contests, keys, seeds = _contests(one, other, items, done)
    if not contests:
        return None
    preferred = judge.prefer(contests)
    pooled = win_rate(contests, preferred, bootstrap.crossed(keys, seeds))
    each = {
        seed: win_rate(
            [c for c, s in zip(contests, seeds, strict=True) if s == seed],
            [p for p, s in zip(preferred, seeds, strict=True) if s == seed],
        )
        for seed in dict.fromkeys(seeds)
    }
    return {
        "one": one,
        "other": other,
        **asdict(pooled),
        "wr1_by_seed": {str(seed): _value(rate) for seed, rate in each.items()},
        "one_sided": sum(not each.consistent for each in preferred),
    }


def _counterpart(
    other: str, seed: int, items: Sequence[TestItem], done: Answers
) -> Mapping[str, str]:
    if other == REFERENCE:
        return {item.key: item.reference for item in items if item.reference}
    return done.get((other, seed), {})


def _value(rate: WinRate) -> float | None:
    return rate.wr1.value if rate.wr1 else None


def as_text(found: Mapping[str, Any]) -> str:
    """The report as tables, for a terminal."""
    lines = [f"{found['items']} items, {found['references']} with reference"]
    for judged in (found, *found["beside"]):
        lines += ["", *_judge_as_text(judged)]
    for two in found["agreement"]:
        lines += ["", f"agreement of {' and '.join(two['judges'])}"]
        lines += [
            f"{figure['name']:14} {_said(figure if figure['n'] else None, 1)}"
            for figure in (*two["ratings"], *two["preferences"])
        ]
    return "\n".join(lines)


def _judge_as_text(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"judge {found['judge']['name']} ({found['judge']['version']})",
        f"{'arm':14} {'seeds':>5} {'answers':>7} {'characters':>10}  mean rating, 0-5",
    ]
    lines += [
        f"{arm['arm']:14} {arm['seeds']:5} {arm['answers']:7} "
        f"{arm['characters']:10.0f}  {_said(arm['rating'], 1)}"
        for arm in found["arms"]
    ]
    head = "WR1 | WR2 | QS | WR1 at equal length | longer, in %"
    lines += ["", f"{'arm':14} {'beside':14} {head}"]
    for row in found["win_rates"]:
        names = ("wr1", "wr2", "qs", "length_controlled", "longer")
        figures = " | ".join(_said(row[name], 100) for name in names)
        lines.append(f"{row['one']:14} {row['other']:14} {figures}")
    lines += [f"unanswered: {why} ({n})" for why, n in found["problems"].items()]
    return lines


def _said(rate: Mapping[str, float] | None, scale: float) -> str:
    if rate is None or rate["value"] is None:
        return "-"
    digits = 1 if scale > 1 else 2
    value, low, high = (scale * rate[name] for name in ("value", "low", "high"))
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
