"""Texts of the made-up history: flawed pairs, good ones, and what lies between.

Pure: the same seed makes the same texts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import annotator
from revision_engine.types import PairText

TOPICS = Path(annotator.__file__).parent / "demo" / "topics.json"


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject, with three true sentences about it."""

    name: str
    category: str
    what: str
    why: str
    example: str


@dataclass(frozen=True, slots=True)
class Told:
    """A pair as it came, and as an expert would leave it."""

    raw: PairText
    good: PairText
    category: str


def topics() -> Sequence[Topic]:
    return [Topic(*row) for row in json.loads(TOPICS.read_text())]


def _short(sentence: str) -> str:
    """What a careless writer leaves of a sentence: its first words, badly typed."""
    words = sentence.rstrip(".").split()
    return " ".join(words[: max(4, len(words) // 2)]).lower()


def _forms(topic: Topic) -> Sequence[tuple[str, str, str, str]]:
    """(raw instruction, raw response, good instruction, good response) each."""
    name, what, why, example = topic.name, topic.what, topic.why, topic.example
    asked = f"What is {name}?"
    return [
        (asked, f"{_short(what)}...", asked, f"{what} {why}"),
        (f"explain {name} plz", what, f"Explain {name}.", f"{what} {why} {example}"),
        (
            f"Explain {name} to a child.",
            "ask ur teacher",
            f"Explain {name} to a child.",
            f"{what} Think of this: {example[0].lower()}{example[1:]}",
        ),
        (f"Why does {name} matter?", "Because it does.", f"Why does {name} matter?",
         f"{why} {example}"),
        (f"Give an example of {name}", f"{example}", f"Give an example of {name}.",
         f"{example} {why}"),
        (
            f"List three facts about {name}.",
            f"1. {_short(what)} 2. {_short(why)} 3. idk",
            f"List three facts about {name}.",
            f"1. {what}\n2. {why}\n3. {example}",
        ),
        (f"{name}??", f"{what}", f"What is {name}, and why does it matter?",
         f"{what} {why}"),
        (
            f"Write two sentences about {name}.",
            f"{_short(what)}",
            f"Write two sentences about {name}.",
            f"{what} {why}",
        ),
        (f"tell me something about {name}...", f"{why}",
         f"Tell me something about {name}.", f"{what} {why}"),
        (
            f"Write a title for a text about {name}.",
            "Title",
            f"Write a title for a text about {name}.",
            f"{name[0].upper()}{name[1:]}: what it is, and why it matters",
        ),
        (
            f"How would you introduce {name} in a talk?",
            "Hello everybody, i will talk now.",
            f"How would you introduce {name} in a talk?",
            f"Begin with what everybody knows. {example} {what}",
        ),
        (
            f"True or false: {name} is of no use.",
            "true",
            f"Is it true or false that {name} is of no use? Give a reason.",
            f"False. {why}",
        ),
    ]  # fmt: skip


def pairs(seed: int) -> Sequence[Told]:
    """All pairs, shuffled: each topic in each form."""
    made = [
        Told(
            PairText(instruction=asked, response=answered),
            PairText(instruction=better, response=best),
            topic.category,
        )
        for topic in topics()
        for asked, answered, better, best in _forms(topic)
    ]
    random.Random(seed).shuffle(made)  # noqa: S311 - no secret
    return made


def drafted(told: Told, skill: float, seed: str) -> PairText:
    """A coach's draft: good with probability `skill`, else half-way or hardly changed.

    `skill` in [0, 1]. The same seed falls alike for every skill, so that a better
    coach is better on the same pairs.
    """
    place = random.Random(f"draft-{seed}").random()  # noqa: S311 - no secret
    if place < skill:
        return told.good
    if place < skill + (1 - skill) * 0.7:
        return half_way(told)
    return PairText(
        instruction=told.raw.instruction,
        response=f"{told.raw.response} I hope that this helps you!",
    )


def half_way(told: Told) -> PairText:
    """The good instruction, and the first sentence of the good response."""
    first, mark, _ = told.good.response.partition(". ")
    response = f"{first}{mark}".strip()
    return PairText(instruction=told.good.instruction, response=response)


def with_slip(text: PairText) -> PairText:
    """A careless person's version: the last sentence is lost."""
    head, mark, _ = text.response.rstrip(".").rpartition(". ")
    response = f"{head}." if mark else text.response.rstrip(".")
    return PairText(instruction=text.instruction, response=response)


def in_own_words(text: PairText) -> PairText:
    """Another careful person's version of the same."""
    return PairText(
        instruction=text.instruction, response=f"{text.response} Shall I say more?"
    )
