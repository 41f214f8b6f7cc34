"""The coach keeps quiet where its draft would hardly save work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from annotator.domain import chance
from annotator.models import Project
from revision_engine.postprocess import Problem
from revision_engine.types import DraftResult, PairText
from training.evaluation.helpfulness import Estimate
from training.models import CoachVersion
from training.selectors import trusted_estimate

SHOWN_ANYWAY = 0.1
"""Share of pairs whose draft people are shown all the same, so that the estimate is
checked on drafts that it did not choose."""

Ask = Callable[[PairText, DraftResult, str], tuple[float | None, bool]]
"""Raw pair, answer and the pair's fingerprint: the probability that the answer saves
work (None: not known), and whether it is held back."""


def for_people(project: Project, coach: CoachVersion) -> Ask:
    """Which of the coach's answers people are shown, by the project's way."""
    return asking(trusted_estimate(coach), project.home.quiet_below, SHOWN_ANYWAY)


def for_datasets(project: Project, coach: CoachVersion) -> Ask:
    """Which of the coach's answers go out with nobody in between."""
    return asking(trusted_estimate(coach), project.home.quiet_below, 0.0)


def asking(estimate: Estimate | None, below: float, shown_anyway: float) -> Ask:
    """Without an estimate nothing is held back, and no probability is known."""

    def ask(
        raw: PairText, result: DraftResult, fingerprint: str
    ) -> tuple[float | None, bool]:
        if estimate is None or result.problem:
            return None, False
        found = estimate.probability(raw, result.text, result.mean_logprob)
        if found is None or found >= below:
            return found, False
        return found, not chance.is_spoken_anyway(fingerprint, shown_anyway)

    return ask


SHOW_ALL = asking(None, 0.0, 0.0)
"""Of a coach of which nothing is known."""


def kept_raw(
    raw: PairText, result: DraftResult, fingerprint: str, ask: Ask
) -> DraftResult:
    """The answer, or the raw pair with the reason where it is held back."""
    _, is_held_back = ask(raw, result, fingerprint)
    if not is_held_back:
        return result
    return replace(result, text=raw, problem=str(Problem.NOT_HELPFUL))
