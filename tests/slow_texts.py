"""Texts made to be slow, run as a process that has only so many seconds of CPU.

`python -m tests.slow_texts engine|annotator`: each was quadratic once, and took from
seconds to hours; together they take a few.
"""

from __future__ import annotations

import resource
import sys
from itertools import cycle, islice

from annotator.domain.mistakes import SWAPS
from annotator.domain.tokens import words
from annotator.formats.rules import alike, registry
from annotator.formats.rules.screening import screen
from revision_engine.postprocess import check
from revision_engine.types import PairText

SECONDS = 40
LONG, FIELD = 80_000, 100_000
ANSWER, LINE = "Instruction: Name a river.\nResponse: ", "\n1. x"
UNITS = (
    *("7", " ", "\n", "\r\n", "(", "1. a\n", "\U0001f1e9\U0001f1ea", "It is 5 km. "),
    *("Instruction: x\n", "Instruction: a\nResponse: b\n", "***\n\n", "```a\n~~~b\n"),
    *("<think>a</think>", "</think>", "</s>", "the following text "),
)

OF_RULES = (
    *("1 2 ", "+49 30 ", "a@b.", "eyJaaaaaaaaaa.", "[a](", "{aaa ", "DE89 ", "a:"),
    *("\u0301", "\u200b", "-----BEGIN PRIVATE KEY-----", "write 100 ", "`a", "1.1."),
)
RULES = {
    "normalise": {},
    "personal": {"phone_regions": ("US", "CN")},
    "placeholder": {},
    "safety": {"words": ("bomb", "毒品")},
    "workload": {},
}


def sized(unit: str, chars: int) -> str:
    return (unit * (chars // len(unit) + 1))[:chars]


def signs(period: int) -> str:
    """Signs that say nothing, the same ones over and over."""
    block = "".join(islice(cycle("()[]{}-=+*#@!?,;<>/|~^%&$" + "-" * 14), period - 1))
    return sized(f"{block}!", LONG)


def engine() -> None:
    plain = PairText(instruction="Say it.", response="It is so.")
    thinks = PairText(instruction="What is <think>a</think>?", response="A tag.")
    for raw in (plain, thinks):
        for text in (*(sized(unit, LONG) for unit in UNITS), signs(20_000)):
            check(raw, f"Instruction: a\nResponse: {text}", finished=False)
            check(raw, text)
    for text in (
        *("a" * 200_000, "Instruction: " + " " * 200_000, "ab" * 40_000 + "c"),
        *("Instruction:\nResponse:\n" * 20_000, f"{ANSWER}{LINE * 40_000}"),
    ):
        check(plain, text)


def annotator() -> None:
    for unit in UNITS:
        text = sized(unit, FIELD)
        words(text)
        screen(PairText(instruction=text, input=text, response=text))
        screen(PairText(instruction=f"the following text {text}", response=""))
        for swaps in SWAPS.values():
            swaps(text)
    for unit in (*UNITS, *OF_RULES):
        text = sized(unit, FIELD // 4)
        pair = PairText(instruction=text, input=text, response=text)
        for key, given in RULES.items():
            registry.make(key, given).check(pair)
        alike.bands([alike.shingles(alike.said(pair, with_response=True))])


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    {"engine": engine, "annotator": annotator}[sys.argv[1]]()
