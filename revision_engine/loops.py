"""Loops of tokens: found while a text is written, and the way out of them."""

from __future__ import annotations

from collections.abc import Sequence

LOOP_TOKENS = 12
LOOP_STRIDE = 8
"""Look for loops every so many tokens."""


def loop_block(tokens: Sequence[int]) -> int:
    """The length of the block that ends the text three times over; 0 if none does.

    Looks every LOOP_STRIDE tokens. A block shorter than LOOP_TOKENS is found as a
    multiple of itself.
    """
    if len(tokens) % LOOP_STRIDE:
        return 0
    for size in range(LOOP_TOKENS, min(len(tokens) // 3, 10 * LOOP_TOKENS) + 1):
        if (
            tokens[-1] == tokens[-1 - size]
            and tokens[-size:] == tokens[-2 * size : -size]
            and tokens[-size:] == tokens[-3 * size : -2 * size]
        ):
            return size
    return 0


def kept_of_loop(written: Sequence[int], block: int, prompt: Sequence[int]) -> int:
    """How many tokens stay of a text that ends in a block three times over: up to the
    end of the first one, or of as many as the prompt has of them.

    All of them, if the prompt says it as often: a pair may repeat itself.
    """
    start = _run_start(written, block)
    copied = _longest_copy(written[start:], prompt)
    return start + (copied if copied >= 2 * block else block)


def _run_start(written: Sequence[int], block: int) -> int:
    """Where the text began to repeat the block that ends it."""
    start = len(written) - 3 * block
    while start and written[start - 1] == written[start - 1 + block]:
        start -= 1
    return start


def _longest_copy(run: Sequence[int], prompt: Sequence[int]) -> int:
    """How many tokens of the run, from its first on, stand in the prompt together."""
    longest = 0
    for place in range(len(prompt)):
        size = longest + 1
        while run[:size] == prompt[place : place + size] and longest < len(run):
            longest, size = size, size + 1
    return longest
