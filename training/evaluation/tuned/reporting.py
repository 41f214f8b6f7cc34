"""What a judge finds in the answers of tuned models, with intervals over test items
and, where there are several, over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import mean
from typing import Any

from training.evaluation import bootstrap
from training.evaluation.judges.judge import Contest, Judge
from training.evaluation.judges.win_rate import Rate, WinRate, win_rate
from training.evaluation.tuned.testsets import TestItem

VERSION = 1
REFERENCE = "reference"
"""The counterpart that people wrote."""
Answers = Mapping[tuple[str, int], Mapping[str, str]]
"""Of each arm and seed, the response to each item, by its key."""


def report(
    arms: Sequence[str], items: Sequence[TestItem], done: Answers, judge: Judge
) -> dict[str, Any]:
    """Each arm that has answers: beside the first arm, and beside the references."""
    present = sorted({arm for arm, _ in done}, key=[*arms, *_others(arms, done)].index)
    others = [arm for arm in present if arm != arms[0]]
    beside = [(arm, arms[0]) for arm in others if arms[0] in present]
    beside += [(arm, REFERENCE) for arm in present]
    return {
        "version": VERSION,
        "judge": {"name": judge.name, "version": judge.version},
        "items": len(items),
        "references": sum(bool(item.reference) for item in items),
        "runs": [{"arm": arm, "seed": seed} for arm, seed in done],
        "arms": [_told(arm, items, done, judge) for arm in present],
        "win_rates": [
            found
            for one, other in beside
            if (found := _compared(one, other, items, done, judge))
        ],
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


def _compared(
    one: str, other: str, items: Sequence[TestItem], done: Answers, judge: Judge
) -> dict[str, Any] | None:
    """Win rates of `one`; None if there is nothing to compare with."""
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
    judge = f"{found['judge']['name']} ({found['judge']['version']})"
    lines = [
        f"judge {judge}; {found['items']} items, {found['references']} with reference",
        "",
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
    return "\n".join(lines)


def _said(rate: Mapping[str, float] | None, scale: float) -> str:
    if rate is None:
        return "-"
    digits = 1 if scale > 1 else 2
    value, low, high = (scale * rate[name] for name in ("value", "low", "high"))
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
