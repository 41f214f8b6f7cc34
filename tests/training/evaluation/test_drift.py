"""Generations on shared pairs: what is called drift, and how often by mistake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.evaluation import drift
from training.evaluation.drift import compare, exchange, holm
from training.evaluation.measuring import Measured, Reading
from training.evaluation.metrics import FIGURES
from training.evaluation.rule import GUARDS, Guard

BY_NAME = {figure.name: figure for figure in FIGURES}


def reading(distance: int) -> Reading:
    """A text that is `distance` characters away, and no more is known of it."""
    same = max(0, 60 - distance)
    return Reading(
        text="x" * 60,
        chrf=(60, 60, same) * 6,
        rouge_l=float(same),
        distance=distance,
        repetition=0.0,
    )


def rows(seed: int, pairs: int = 80, worse: int = 0) -> list[Measured]:
    """Pairs as hard as each other, with drafts as good as chance has it."""
    hard = np.random.default_rng(7).integers(20, 60, pairs)
    luck = np.random.default_rng(seed)
    return [
        Measured(
            raw=reading(int(each)),
            draft=reading(max(0, int(each - luck.integers(-5, 20)) + worse)),
            expert="x" * 60,
            problem="loop" if luck.random() < 0.05 else "",
            parseable=True,
            loop=bool(luck.random() < 0.05),
        )
        for each in hard
    ]


def test_the_same_coach_never_drifts():
    mine = rows(1)

    found = compare({"reference": (mine, mine)}, GUARDS, 30)

    assert {one.figure for one in found} == {
        "effort saved",
        *(g.figure for g in GUARDS),
    }
    assert not any(one.alarms for one in found)
    assert {one.adjusted_p for one in found} == {1.0}


def test_a_worse_coach_rings_on_what_it_is_worse_on_and_on_nothing_else():
    found = compare({"before": (rows(1, worse=12), rows(2))}, GUARDS, 30)

    ringing = {one.figure for one in found if one.alarms}
    assert {"effort saved", "edit distance ratio", "nearer than raw"} <= ringing
    assert not ringing & {"parseable", "usable", "loop", "repetition", "length ratio"}
    saved = next(one for one in found if one.figure == "effort saved")
    assert saved.value < saved.other_value
    assert saved.high < 0
    assert saved.pairs == 80


def test_a_better_coach_does_not_ring():
    found = compare({"before": (rows(1), rows(2, worse=12))}, GUARDS, 30)

    assert not any(one.alarms for one in found)


def test_harm_within_the_tolerance_does_not_ring():
    mine, theirs = rows(1, worse=12), rows(2)
    lax = [Guard(figure="edit distance ratio", better="lower", tolerance=2.0)]

    found = compare({"before": (mine, theirs)}, lax, 30)

    assert {one.figure for one in found if one.alarms} == {"effort saved"}


def test_on_too_few_pairs_nothing_is_said():
    assert compare({"before": (rows(1, 10, 30), rows(2, 10))}, GUARDS, 30) == []


@pytest.mark.chance
def test_two_comparisons_share_the_level():
    mine, theirs = rows(1, worse=3), rows(2)

    once = compare({"before": (mine, theirs)}, GUARDS, 30)
    twice = compare({"before": (mine, theirs), "reference": (mine, mine)}, GUARDS, 30)

    for one, other in zip(once, twice, strict=False):
        assert other.figure == one.figure
        assert other.adjusted_p >= one.adjusted_p >= one.p


def test_holm_steps_down():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_exchange_test_counts_the_world_that_was_seen():
    mine, theirs = rows(1, worse=30), rows(2)

    chance = exchange(BY_NAME["edit distance ratio"], mine, theirs, sign=1)

    assert chance == 1 / (1 + drift.WORLDS)


@pytest.mark.chance
def test_alike_generations_ring_in_at_most_one_check_of_twenty(monkeypatch):
    # Each guard has its chance, twice a check. Of 50 checks 5 % are 2.5; by chance at
    # most 6 in 97 of 100 such simulations.
    monkeypatch.setattr(drift, "WORLDS", 999)
    strict = [replace(guard, tolerance=0.0) for guard in GUARDS]

    ringing = 0
    for seed in range(50):
        mine = rows(3 * seed, 60)
        sides = {
            "reference": (mine, rows(3 * seed + 1, 60)),
            "before": (mine, rows(3 * seed + 2, 60)),
        }
        ringing += any(one.alarms for one in compare(sides, strict, 30))

    assert ringing <= 6
