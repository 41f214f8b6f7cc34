"""Estimates of which drafts help: a sure coach's do, an unsure one's do not."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from revision_engine.types import PairText
from training.evaluation.helpfulness import Estimate, Origin, estimate, example
from training.models import CoachVersion, HelpEstimate

SURE, UNSURE = -0.1, -2.0
"""Mean log-probabilities."""


@cache
def fitted() -> Estimate:
    chance = random.Random(1)
    judged = []
    for number in range(300):
        raw = PairText(
            instruction=f"Explain the word number {number}.",
            response=f"It is the word {number}.",
        )
        draft = replace(raw, response=f"{raw.response} It has a history, too.")
        sure = number % 2 == 0
        helps = chance.random() < (0.95 if sure else 0.05)
        judged.append(
            example(
                origin=Origin.HELD_OUT,
                key=str(number),
                raw=raw,
                draft=draft,
                final=draft if helps else raw,
                mean_logprob=SURE if sure else UNSURE,
            )
        )
    found = estimate(judged)
    assert found is not None
    return found


def give(coach: CoachVersion, **changed: Any) -> HelpEstimate:
    """Store the estimate as a coach's newest."""
    papers = replace(fitted(), **changed).as_dict()
    return HelpEstimate.objects.create(
        coach=coach, papers=papers, held_out=300, reviews=0
    )
