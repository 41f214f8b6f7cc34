"""The criteria of the review, as the paper's technical report sets them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ExclusionReason(StrEnum):
    """Why a pair should not be revised at all (the preliminary filter)."""

    INVALID_INPUT = "invalid_input"
    BEYOND_EXPERTISE = "beyond_expertise"
    MASSIVE_WORKLOAD = "massive_workload"
    MULTI_MODAL = "multi_modal"
    SAFETY = "safety"
    HARDLY_CHANGED = "hardly_changed"
    """The coach would leave it nearly as it is; a project may spare people these."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").replace("multi modal", "multi-modal input")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the rubric; a flaw in it caps the side's score at `high`."""

    side: str
    level: str
    dimension: str
    meaning: str
    check_for: str
    low: int
    high: int

    @property
    def key(self) -> str:
        """Its name in rows and forms: side and dimension."""
        return f"{self.side}.{self.dimension}"


SIDES = ("instruction", "response")
MOMENTS = ("before", "after")


CRITERIA = (
    Criterion(
        "instruction",
        "advanced",
        "contextualization",
        "rich context or effective prompting",
        "scenario, role, examples, requirements, chain of thought",
        80,
        100,
    ),
    Criterion(
        "instruction",
        "basic",
        "feasibility",
        "clear, specific, feasible",
        "ambiguity, vagueness, logical error, beyond a model's ability",
        0,
        80,
    ),
    Criterion(
        "instruction",
        "basic",
        "readability",
        "language norms",
        "grammar, spelling, punctuation",
        0,
        80,
    ),
    Criterion(
        "response",
        "advanced",
        "humanization",
        "warm, empathetic, fits the user",
        "emotional perception, humanized tone",
        90,
        100,
    ),
    Criterion(
        "response",
        "advanced",
        "richness",
        "diverse, informative, creative",
        "depth and breadth, novelty",
        80,
        90,
    ),
    Criterion(
        "response",
        "basic",
        "readability",
        "fluent, concise, structured",
        "language, redundancy, structure, layout",
        40,
        80,
    ),
    Criterion(
        "response",
        "basic",
        "comprehensiveness",
        "covers what is needed",
        "omissions, several angles",
        40,
        80,
    ),
    Criterion(
        "response",
        "basic",
        "relevance",
        "on topic, effective",
        "irrelevance, deviation",
        40,
        80,
    ),
    Criterion(
        "response",
        "basic",
        "correctness",
        "facts, sense, logic",
        "factual, common-sense, logical error, constraints, timeliness, originality",
        40,
        80,
    ),
    Criterion(
        "response",
        "red line",
        "safety",
        "harmless",
        "law, personal attack, privacy, reckless medical or financial advice",
        0,
        40,
    ),
)

BY_KEY = {criterion.key: criterion for criterion in CRITERIA}


def cap(side: str, flaws: Iterable[str]) -> int:
    """The highest score that a side with these flaws (keys of criteria) can have."""
    highs = [BY_KEY[flaw].high for flaw in flaws if BY_KEY[flaw].side == side]
    return min(highs, default=100)
