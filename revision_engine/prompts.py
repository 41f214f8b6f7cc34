"""Prompts are versioned code: a released one never changes, a better one is added.

The wording is the paper's (arXiv 2311.13246), spelling as published.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, Protocol

from revision_engine.saying import gettext
from revision_engine.types import PairText

PUBLISHED_WORDING = (
    "Improve the following instruction, input and response pair to be more "
    "specific, detailed with more logical steps and grammarly corrected."
)
_PLACEHOLDER = re.compile(
    r"[\s`'\"“”]*(?:<\s*no[ _-]?input\s*>|\[no[ _-]?input\]|\(no[ _-]?input\)"
    r"|no ?input)[\s`'\"“”.]*",
    re.IGNORECASE,
)
Fields = list[tuple[str, str]]
"""Labels and texts, as the coach is shown them."""


def is_placeholder(text: str) -> bool:
    """Whether an input stands for none: blank, or `<noinput>` in one of its spellings.

    "None", "N/A", "null", "Na" and a pair of quotes are inputs like any other.
    """
    return not text.strip() or bool(_PLACEHOLDER.fullmatch(text))


class Prompt(Protocol):
    """One way to show a pair to a coach, and to have it answer."""

    version: str
    probes: tuple[PairText, ...]
    """Pairs that tell this prompt from any other."""

    def fields(self, pair: PairText) -> Fields:
        """What is shown of the pair, field by field."""
        ...

    def mark(self, raw: PairText) -> str:
        """What is added to the labels of this raw pair; empty for most."""
        ...

    def render(self, pair: PairText, wording: str) -> str:
        """The user's turn: the wording, a blank line, the raw pair."""
        ...

    def target(self, pair: PairText, raw: PairText | None = None) -> str:
        """The coach's turn: the revised pair, with the labels that `raw` was shown
        with; without `raw`, its own."""
        ...


_PROBE = PairText(instruction="I", input="N", response="R")


def _lines(fields: Fields, mark: str = "") -> str:
    label = f" {mark}" if mark else ""
    return "\n".join(f"{name}{label}: {text}" for name, text in fields)


class CoachlmV1:
    """The published pair format, one field a line so that fields can be told apart."""

    version = "coachlm-1"
    probes: tuple[PairText, ...] = (_PROBE,)
    _NO_INPUT = frozenset({"", "noinput", "no input", "none", "n/a", "na", "null"})

    def fields(self, pair: PairText) -> Fields:
        shown = [("Instruction", pair.instruction.strip())]
        if pair.input.strip().strip("`'\"<>[](). ").lower() not in self._NO_INPUT:
            shown.append(("Input", pair.input.strip()))
        return [*shown, ("Response", pair.response.strip())]

    def mark(self, raw: PairText) -> str:
        return ""

    def render(self, pair: PairText, wording: str) -> str:
        return f"{wording}\n\n{self.target(pair)}"

    def target(self, pair: PairText, raw: PairText | None = None) -> str:
        return _lines(self.fields(pair))


class CoachlmV2:
    """As coachlm-1, but nothing of the pair is hidden, and no text passes for a label.

    White space around a field is shown, and so is every input but a placeholder. Where
    a line of the raw pair could be read as a label, the labels get a number in brackets
    that stands nowhere in it. All other pairs look as in coachlm-1.
    """

    version = "coachlm-2"
    probes: tuple[PairText, ...] = (
        _PROBE,
        PairText(instruction=" I\n", input="N/A", response="\tR"),
        PairText(instruction="I", input="<noinput>", response="A\nInput: [1]"),
        PairText(instruction="I", input="A\n**Response**", response="R"),
    )
    _LIKE_A_LABEL = re.compile(
        r"\n[ \t]*(?P<marks>[#*_]+[ \t]*)?"
        r"(?:(?:Revised|Improved|Corrected|Updated|New|Final)[ \t]+)?"
        r"(?:Instruction|Input|Response)[ \t*_]*+"
        r"(?(marks)(?:[:：]|(?=\n)|\Z)|[:：])"
    )

    def fields(self, pair: PairText) -> Fields:
        shown = [("Instruction", pair.instruction)]
        if not is_placeholder(pair.input):
            shown.append(("Input", pair.input))
        return [*shown, ("Response", pair.response)]

    def mark(self, raw: PairText) -> str:
        fields = (raw.instruction, raw.input, raw.response)
        if not any(map(self._LIKE_A_LABEL.search, fields)):
            return ""
        return next(mark for mark in _numbers() if not any(mark in f for f in fields))

    def render(self, pair: PairText, wording: str) -> str:
        return f"{wording}\n\n{self.target(pair)}"

    def target(self, pair: PairText, raw: PairText | None = None) -> str:
        return _lines(self.fields(pair), self.mark(raw or pair))


def _numbers() -> Iterator[str]:
    return (f"[{number}]" for number in count(1))


class AnswerV1:
    """No coach's: the instruction and its input are asked, and the response is learned.

    For language models that are tuned on a dataset to see what it is worth.
    """

    version = "answer-1"
    probes: tuple[PairText, ...] = (_PROBE, PairText(instruction="I", response="R"))

    def fields(self, pair: PairText) -> Fields:
        shown = [("Instruction", pair.instruction)]
        if not is_placeholder(pair.input):
            shown.append(("Input", pair.input))
        return shown

    def mark(self, raw: PairText) -> str:
        return ""

    def render(self, pair: PairText, wording: str) -> str:
        return "\n\n".join(text for _, text in self.fields(pair))

    def target(self, pair: PairText, raw: PairText | None = None) -> str:
        return pair.response


PROMPTS: dict[str, Prompt] = {
    prompt.version: prompt for prompt in (CoachlmV1(), CoachlmV2())
}
"""The coaches'."""
DEFAULT = CoachlmV2.version
ANSWER = AnswerV1.version
_RELEASED: dict[str, Prompt] = {**PROMPTS, ANSWER: AnswerV1()}


def by_version(version: str) -> Prompt:
    """Find a released prompt; KeyError names those there are."""
    if version not in _RELEASED:
        known = ", ".join(sorted(_RELEASED))
        raise KeyError(
            gettext("There is no prompt %(version)r; released are: %(known)s.")
            % {"version": version, "known": known}
        )
    return _RELEASED[version]


def asking_for(wording: str, hint: str) -> str:
    """The coach's wording with what a person asked for beside it, such as "shorter"."""
    return f"{wording} {hint}".strip()


def digest(version: str) -> str:
    """SHA-256 of what a prompt makes of its probes: changes if the prompt does."""
    prompt = by_version(version)
    text = "\0".join(
        f"{prompt.render(probe, PUBLISHED_WORDING)}\0{prompt.target(probe)}"
        for probe in prompt.probes
    )
    return hashlib.sha256(text.encode()).hexdigest()


def chat_ids(tokenizer: Any, user_turn: str) -> list[int]:
    """Token ids up to the point where the coach starts to write.

    `tokenizer` is a transformers tokenizer; one without a chat template (a plain
    causal LM) gets the turn and a blank line. A control token in the turn's text is
    spelt out: it ends nothing.
    """
    if not tokenizer.chat_template:
        return text_ids(tokenizer, user_turn + "\n\n", add_special_tokens=True)
    spelt_out = _control_tokens(tokenizer, user_turn)
    content = _STANDS_FOR_IT if spelt_out else user_turn
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=False,
    )
    if not spelt_out or text.count(content) != 1:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])
    before, behind = text.split(content)
    return [
        *tokenizer(before, add_special_tokens=False)["input_ids"],
        *text_ids(tokenizer, user_turn),
        *tokenizer(behind, add_special_tokens=False)["input_ids"],
    ]


_STANDS_FOR_IT = "the turn of the user"


def text_ids(
    tokenizer: Any, text: str, *, add_special_tokens: bool = False
) -> list[int]:
    """Token ids of a text of a pair: a control token in it is a text like any other."""
    more = {"split_special_tokens": True} if _control_tokens(tokenizer, text) else {}
    ids = tokenizer(text, add_special_tokens=add_special_tokens, **more)["input_ids"]
    return list(ids)


def _control_tokens(tokenizer: Any, text: str) -> bool:
    return any(token in text for token in tokenizer.all_special_tokens)
