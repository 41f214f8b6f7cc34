"""Texts that are surely worse than an expert's: what raw pairs hardly ever are.

Revisions teach what experts improve, and raw pairs are mostly whole and to the point. A
judge that saw nothing else is wrong about what a small model writes: text that runs in
a loop, breaks off, or answers something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from revision_engine.types import PairText

LOOP_CHARS, LOOP_TIMES = 60, 5


def off_topic(pairs: Sequence[PairText]) -> list[PairText]:
    """Each with the response of the next one, the last with the first one's."""
    responses = [pair.response for pair in pairs]
    turned = [*responses[1:], *responses[:1]]
    return [_with(pair, text) for pair, text in zip(pairs, turned, strict=True)]


def broken_off(pairs: Sequence[PairText]) -> list[PairText]:
    """Each with the first half of its response."""
    return [_with(pair, pair.response[: len(pair.response) // 2]) for pair in pairs]


def looping(pairs: Sequence[PairText]) -> list[PairText]:
    """Each with the end of its response five times more."""
    return [
        _with(pair, f"{pair.response} {' '.join([end] * LOOP_TIMES)}")
        for pair in pairs
        for end in [pair.response[-LOOP_CHARS:]]
    ]


def _with(pair: PairText, response: str) -> PairText:
    return replace(pair, response=response)


Damage = Callable[[Sequence[PairText]], list[PairText]]
DAMAGES: Mapping[str, Damage] = {
    "off topic": off_topic,
    "broken off": broken_off,
    "looping": looping,
}
