"""Generations of a coach, measured on held-out pairs as a run would leave them."""

from __future__ import annotations

from annotator.models import Project
from revision_engine.types import CoachRef, PairText
from tests import factories
from training.evaluation.rule import Rule
from training.examples import edit_distance
from training.models import CoachVersion, Evaluation
from training.services import evaluations, registry

PAIRS = 40
GOOD, BAD = 0, 60
"""Characters of nonsense at the end of a draft, about."""


def make(project: Project, name: str) -> CoachVersion:
    """A registered coach that nobody has promoted yet."""
    ref = CoachRef(name=name, base_model="none", prompt="coachlm-1", wording="Improve.")
    return registry.register(scope=project.scope, ref=ref, name=name)


def pair(number: int) -> tuple[PairText, PairText]:
    """Raw pair and the person's text."""
    asked = f"Explain the word number {number} to a child."
    short = f"It is the word {number}."
    rich = (
        f"The word number {number} means much, and it has a history of {number} years."
    )
    return (
        PairText(instruction=asked, response=short),
        PairText(instruction=asked, response=rich),
    )


def told(number: int, nonsense: int) -> dict[str, object]:
    """One coach's draft of one pair, as an evaluation tells it."""
    raw, expert = pair(number)
    junk = "".join("qxzj"[(number * 7 + place) % 4] for place in range(nonsense))
    text = f"{expert.response[: 40 + number % 9]}{junk}"
    draft = PairText(instruction=raw.instruction, response=text)
    return {
        "draft": {"instruction": draft.instruction, "input": "", "response": text},
        "problem": "",
        "distance": edit_distance(draft, expert),
        "parseable": True,
        "loop": False,
        "loss": None,
        "tokens": 0,
    }


def evaluate(
    coach: CoachVersion,
    nonsense: int,
    current: CoachVersion | None = None,
    beside: int = GOOD,
    pairs: int = PAIRS,
) -> Evaluation:
    """Measure a coach, and the one that is active, on the first pairs there are."""
    samples = []
    for number in range(pairs):
        raw, expert = pair(number)
        mine = told(number, nonsense + number % 5)
        sample = {
            "source_id": f"review:{number}",
            "category": "",
            "raw": {
                "instruction": raw.instruction,
                "input": "",
                "response": raw.response,
            },
            "expert": {
                "instruction": expert.instruction,
                "input": "",
                "response": expert.response,
            },
            "distance_raw": edit_distance(raw, expert),
            "distance_draft": mine.pop("distance"),
            **mine,
        }
        if current:
            sample["current"] = told(number, beside + number % 3)
        samples.append(sample)
    return evaluations.store(
        coach=coach,
        current=current,
        held_out_sha256="0",
        report={"figures": [], "samples": samples, "left_out": 0, "seconds": 1.0},
        rule=Rule(),
    )


def three(project: Project, last: int = BAD) -> list[CoachVersion]:
    """Three promoted generations: shipped, good, and one as good as is said."""
    first = factories.make_coach(project, "first coach")
    second = make(project, "second coach")
    evaluate(second, GOOD, first, GOOD)
    registry.promote(coach=second, actor=None, reason="It saves more effort.")
    third = make(project, "third coach")
    evaluate(third, last, second, GOOD, pairs=PAIRS - 5)
    registry.promote(coach=third, actor=None, reason="To see what happens.")
    return [first, second, third]
