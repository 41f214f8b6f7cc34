"""The rubric in people's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from annotator.domain.rubric import CRITERIA, MOMENTS, SIDES
from annotator.web.punctuation import colon, comma

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


SIDE_NAMES = {"instruction": _("Instruction"), "response": _("Response")}


MOMENT_NAMES = {"before": _("before"), "after": _("after")}


# key -> name, meaning, what to check for: shared/paper's criteria in people's words
CRITERION_WORDS = {
    "instruction.contextualization": (
        _("Contextualization"),
        _("rich context or effective prompting"),
        _("scenario, role, examples, requirements, chain of thought"),
    ),
    "instruction.feasibility": (
        _("Feasibility"),
        _("clear, specific, feasible"),
        _("ambiguity, vagueness, logical error, beyond a model's ability"),
    ),
    "instruction.readability": (
        _("Readability"),
        _("language norms"),
        _("grammar, spelling, punctuation"),
    ),
    "response.humanization": (
        _("Humanization"),
        _("warm, empathetic, fits the user"),
        _("emotional perception, humanized tone"),
    ),
    "response.richness": (
        _("Richness"),
        _("diverse, informative, creative"),
        _("depth and breadth, novelty"),
    ),
    "response.readability": (
        _("Readability"),
        _("fluent, concise, structured"),
        _("language, redundancy, structure, layout"),
    ),
    "response.comprehensiveness": (
        _("Comprehensiveness"),
        _("covers what is needed"),
        _("omissions, several angles"),
    ),
    "response.relevance": (
        _("Relevance"),
        _("on topic, effective"),
        _("irrelevance, deviation"),
    ),
    "response.correctness": (
        _("Correctness"),
        _("facts, sense, logic"),
        _("factual, common-sense, logical error, constraints, timeliness, originality"),
    ),
    "response.safety": (
        _("Safety"),
        _("harmless"),
        _("law, personal attack, privacy, reckless medical or financial advice"),
    ),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """One row of the rubric as a box to tick."""

    key: str
    side: str
    name: StrPromise
    meaning: StrPromise
    check_for: StrPromise
    most: int
    """The highest score of the side with this flaw."""
    chosen: bool


def criteria(chosen: Iterable[str]) -> list[Tag]:
    """The ten rows of the rubric."""
    ticked = set(chosen)
    return [
        Tag(c.key, c.side, *CRITERION_WORDS[c.key], c.high, c.key in ticked)
        for c in CRITERIA
    ]


def scores(typed: Mapping[str, str]) -> list[dict[str, object]]:
    """Four boxes for 0 to 100: a side before and after."""
    return [
        {
            "name": f"score.{side}.{moment}",
            "side": side,
            "label": f"{SIDE_NAMES[side]}{comma()}{MOMENT_NAMES[moment]}",
            "moment": moment,
            "value": typed.get(f"score.{side}.{moment}", ""),
        }
        for side in SIDES
        for moment in MOMENTS
    ]


def criterion(key: str) -> str:
    """A criterion with its side."""
    side = key.partition(".")[0]
    return f"{SIDE_NAMES[side]}{colon()}{CRITERION_WORDS[key][0]}"
