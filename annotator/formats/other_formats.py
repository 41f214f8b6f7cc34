"""Rows of shapes that are no instruction, input and response: named, not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.formats.spellings import plain

_TURNS = "write each exchange as one object with instruction, input and output"
_BY_KEY = {
    "messages": f"the chat format of OpenAI ('messages'): {_TURNS}",
    "conversations": f"the ShareGPT format ('conversations'): {_TURNS}",
    "conversation": f"a chat format ('conversation'): {_TURNS}",
    "dialog": f"a chat format ('dialog'): {_TURNS}",
    "dialogue": f"a chat format ('dialogue'): {_TURNS}",
    "turns": f"a chat format ('turns'): {_TURNS}",
    "chosen": (
        "a preference format ('chosen' and 'rejected'): name the prompt instruction "
        "and the chosen answer output"
    ),
    "instances": (
        "the format of Super-NaturalInstructions ('instances'): write each instance as "
        "one object with instruction, input and output"
    ),
    "text": (
        "plain text ('text'): part it into instruction, input and output, each a key "
        "of its own"
    ),
}
_TURN_KEYS = {"role", "content", "from", "value"}


def named(row: Mapping[str, Any]) -> str:
    """The format of a row that lacks what a pair needs, and what to do; else empty."""
    keys = {plain(key) for key in row}
    return next((f"it is in {_BY_KEY[key]}" for key in _BY_KEY if key in keys), "")


def of_value(value: object) -> str:
    """The format of a cell that should be a text; empty where that is not known."""
    if not isinstance(value, list):
        return ""
    if value and all(_is_turn(each) for each in value):
        return f"holds the turns of a chat: {_TURNS}"
    return f"is a list of {len(value)}: give each text a row of its own"


def _is_turn(value: object) -> bool:
    return isinstance(value, Mapping) and not _TURN_KEYS.isdisjoint(value)


def by_columns(document: Mapping[str, Any]) -> bool:
    """Whether it is a table written column by column, as pandas does by default."""
    shapes = {type(value) for value in document.values()}
    lengths = {len(value) for value in document.values() if hasattr(value, "__len__")}
    return len(document) > 1 and shapes <= {dict, list} and len(lengths) == 1
