"""Prompts are versioned code: a released one never changes, a better one is added.

The wording is the paper's (arXiv 2311.13246), spelling as published.
"""

from __future__ import annotations

import hashlib
from typing import Any

from revision_engine.types import PairText

PUBLISHED_WORDING = (
    "Improve the following instruction, input and response pair to be more "
    "specific, detailed with more logical steps and grammarly corrected."
)
NO_INPUT = frozenset({"", "noinput", "no input", "none", "n/a", "na", "null"})


def meaningful_input(text: str) -> str:
    """The input without its quotes; empty when it only says that there is none."""
    bare = text.strip().strip("`'\"<>[](). ").lower()
    return "" if bare in NO_INPUT else text.strip()


def _pair_lines(pair: PairText) -> str:
    lines = [f"Instruction: {pair.instruction.strip()}"]
    if source := meaningful_input(pair.input):
        lines.append(f"Input: {source}")
    lines.append(f"Response: {pair.response.strip()}")
    return "\n".join(lines)


class CoachlmV1:
    """The published pair format, one field a line so that fields can be told apart."""

    version = "coachlm-1"

    def render(self, pair: PairText, wording: str) -> str:
        """The user's turn: the wording, then the raw pair."""
        return f"{wording}\n\n{_pair_lines(pair)}"

    def target(self, pair: PairText) -> str:
        """The coach's turn: the revised pair."""
        return _pair_lines(pair)


PROMPTS = {prompt.version: prompt for prompt in (CoachlmV1(),)}
DEFAULT = CoachlmV1.version


def by_version(version: str) -> CoachlmV1:
    """Find a released prompt; KeyError names those there are."""
    if version not in PROMPTS:
        known = ", ".join(sorted(PROMPTS))
        raise KeyError(f"There is no prompt {version!r}; released are: {known}.")
    return PROMPTS[version]


def digest(version: str) -> str:
    """SHA-256 of what a prompt makes of one fixed pair: changes if the prompt does."""
    probe = PairText(instruction="I", input="N", response="R")
    prompt = by_version(version)
    text = prompt.render(probe, PUBLISHED_WORDING) + "\0" + prompt.target(probe)
    return hashlib.sha256(text.encode()).hexdigest()


def chat_ids(tokenizer: Any, user_turn: str) -> list[int]:
    """Token ids up to the point where the coach starts to write.

    `tokenizer` is a transformers tokenizer; one without a chat template (a plain
    causal LM) gets the turn and a blank line.
    """
    if not tokenizer.chat_template:
        return list(tokenizer(user_turn + "\n\n")["input_ids"])
    turns = [{"role": "user", "content": user_turn}]
    text = tokenizer.apply_chat_template(
        turns, add_generation_prompt=True, tokenize=False
    )
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
