"""The helpfulness estimate finds what is there to be found, and says how well."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from revision_engine.types import PairText
from training.evaluation import logistic, quiet
from training.evaluation.helpfulness import (
    FEATURES,
    FEWEST,
    Estimate,
    Example,
    Origin,
    estimate,
    example,
    features,
)

RAW = PairText(instruction="Name a colour.", response="Blue is a colour")


def drafted(number: int) -> PairText:
    end = " of the sky." * (1 + number % 4)
    return PairText(instruction=RAW.instruction, response=RAW.response + end)


def told(number: int, *, sure: bool, helps: bool) -> Example:
    """A draft that a sure coach wrote, or an unsure one, and what became of it."""
    draft = drafted(number)
    return example(
        key=f"p{number}",
        origin=Origin.REVIEWED if number % 3 else Origin.HELD_OUT,
        raw=RAW,
        draft=draft,
        final=draft if helps else RAW,
        mean_logprob=-0.1 if sure else -2.0,
    )


def drafts(count: int, *, right: float, seed: int = 1) -> list[Example]:
    """Drafts of which a sure coach's help with the chance `right`, others seldom."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        sure = chance.random() < 0.5
        helps = chance.random() < (right if sure else 1 - right)
        made.append(told(number, sure=sure, helps=helps))
    return made


def test_what_the_coach_is_sure_of_is_found_and_its_papers_are_true():
    judged = drafts(400, right=0.9)

    found = estimate(judged)

    assert 0.8 < found.auc < 1
    assert found.auc_low < found.auc < found.auc_high
    assert found.n == 400
    assert found.helped == sum(one.helps for one in judged)
    assert sum(part.of for part in found.bins) == 400
    assert sum(part.helped for part in found.bins) == found.helped
    draft = drafted(0)
    assert found.probability(RAW, draft, -0.1) > 0.8
    assert found.probability(RAW, draft, -2.0) < 0.2


def test_its_probabilities_are_calibrated_on_what_it_has_not_seen():
    for part in estimate(drafts(1500, right=0.75)).bins:
        assert abs(part.helped / part.of - part.mean) < 0.1


def test_where_nothing_tells_it_is_not_trusted():
    chance = random.Random(3)
    judged = [told(n, sure=n % 2 == 0, helps=chance.random() < 0.5) for n in range(600)]

    found = estimate(judged)

    assert found.auc_low < 0.5 < found.auc_high
    assert not found.is_trusted
    assert all(0.35 < one.probability < 0.65 for one in found.examples)


def test_of_other_features_it_is_not_trusted():
    found = estimate(drafts(300, right=0.9))
    assert found.is_trusted
    assert not replace(found, version=0).is_trusted


def test_a_pair_is_never_on_both_sides():
    """The same pair ten times over is no evidence about others."""
    groups = [f"p{n % 7}" for n in range(70)]
    parts = logistic.folds(groups, np.zeros(70), 5)
    assert len(set(zip(groups, parts, strict=True))) == 7


def test_each_fold_has_as_many_that_helped():
    yes = np.array([float(n < 20) for n in range(100)])
    parts = logistic.folds([f"p{n}" for n in range(100)], yes, 10)
    assert np.bincount(parts, weights=yes).tolist() == [2.0] * 10
    assert np.bincount(parts).tolist() == [10] * 10


@pytest.mark.parametrize(
    "judged",
    [
        drafts(FEWEST - 1, right=0.9),
        [told(n, sure=True, helps=True) for n in range(500)],
        [told(n, sure=True, helps=False) for n in range(500)],
        [],
    ],
    ids=["too few", "all help", "none helps", "none"],
)
def test_of_too_few_it_says_nothing(judged):
    assert estimate(judged) is None


def test_an_unchanged_draft_has_no_probability_and_is_counted():
    judged = [
        *drafts(200, right=0.8),
        example(
            key="same",
            origin=Origin.HELD_OUT,
            raw=RAW,
            draft=RAW,
            final=RAW,
            mean_logprob=-0.1,
        ),
    ]

    found = estimate(judged)

    assert found.n == 200
    assert found.examples[-1].probability is None
    assert found.probability(RAW, RAW, -0.1) is None


def test_it_comes_back_from_its_papers_the_same():
    found = estimate(drafts(150, right=0.8))

    again = Estimate.from_dict(json.loads(json.dumps(found.as_dict())))

    assert again == found
    draft = drafted(3)
    assert again.probability(RAW, draft, None) == found.probability(RAW, draft, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "你好。世界！",
        "def f():\n    return 1\n",
        "- a\n- b\n- c",
        "\n\n",
        "नमस्ते।",
    ],
)
def test_features_are_finite_for_any_text(text):
    numbers = features(PairText(instruction=text, response=""), RAW, None)

    assert len(numbers) == len(FEATURES)
    assert np.isfinite(numbers).all()


def test_the_area_counts_ties_half():
    assert logistic.area(np.array([1.0, 2.0]), np.array([0.0, 1.0])) == 1.0
    assert logistic.area(np.array([1.0, 1.0]), np.array([0.0, 1.0])) == 0.5
    assert np.isnan(logistic.area(np.array([1.0]), np.array([1.0])))


def outcome(probability: float | None, raw: int, draft: int) -> Example:
    return Example(
        key="p",
        origin=Origin.HELD_OUT,
        features=None,
        probability=probability,
        distance_raw=raw,
        distance_draft=draft,
    )


def test_a_point_counts_what_is_shown_helped_saved_and_lost():
    rows = [
        outcome(0.9, 100, 60),  # shown, helped: 40 saved
        outcome(0.7, 50, 80),  # shown, harmed: 30 lost
        outcome(0.3, 100, 20),  # held back
        outcome(0.8, 0, 10),  # a good pair, changed
        outcome(0.1, 0, 10),  # a good pair, left alone
        outcome(None, 50, 50),  # unchanged
    ]

    found = quiet.point(rows, 0.5)

    assert (found.pairs, found.shown, found.helped) == (6, 3, 1)
    assert (found.saved, found.lost, found.raw) == (40, 40, 300)
    assert (found.good, found.left_alone) == (2, 1)
    assert found.ratio == 1.0
    assert found.saved_share == 40 / 300


def test_the_curve_begins_with_all_and_shows_ever_less():
    found = estimate(drafts(300, right=0.8))

    points = quiet.curve(found.examples)

    assert points[0].shown == 300
    shown = [each.shown for each in points]
    assert shown == sorted(shown, reverse=True)
    assert points[0].helped_share < points[14].helped_share


def test_without_a_pair_the_curve_has_no_shares():
    found = quiet.point([], 0.5)

    assert found.shown_share == 0
    assert found.ratio is found.saved_share is found.helped_share is None


def test_a_draft_that_costs_a_page_counts_more_than_one_that_saves_a_word():
    small, page = outcome(0.5, 10, 4), outcome(0.5, 10, 1_000)

    assert page.stake > 10 * small.stake
    assert outcome(0.5, 7, 7).stake == 1.0
