"""Rows of shapes that are no instruction, input and response: named, not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats.spellings import plain

_CHATS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
_BY_KEY = {
    **dict.fromkeys(
        _CHATS,
        gettext_noop(
            "it is in a chat format (%(key)r) that is not known: write a list of "
            "objects with role and content, the last of them an answer"
        ),
    ),
    "chosen": gettext_noop(
        "it is in a preference format (%(key)r) without its question: give the prompt "
        "a column of its own"
    ),
    "instances": gettext_noop(
        "it is in the format of Super-NaturalInstructions (%(key)r): write each "
        "instance as one object with instruction, input and output"
    ),
    "text": gettext_noop(
        "it is in plain text (%(key)r): part it into instruction, input and output, "
        "each a key of its own"
    ),
}
_TURN_KEYS = {"role", "content", "from", "value"}


def named(row: Mapping[str, Any]) -> str:
    """The format of a row that lacks what a pair needs, and what to do; else empty."""
    keys = {plain(key) for key in row}
    known = next((key for key in _BY_KEY if key in keys), "")
    return gettext(_BY_KEY[known]) % {"key": known} if known else ""


def of_value(value: object) -> str:
    """The format of a cell that should be a text; empty where that is not known."""
    if not isinstance(value, list):
        return ""
    if value and all(_is_turn(each) for each in value):
        return gettext("holds the turns of a chat: name the whole of it messages")
    told = gettext("is a list of %(count)s: give each text a row of its own")
    return told % {"count": len(value)}


def _is_turn(value: object) -> bool:
    return isinstance(value, Mapping) and not _TURN_KEYS.isdisjoint(value)


def by_columns(document: Mapping[str, Any]) -> bool:
    """Whether it is a table written column by column, as pandas does by default."""
    shapes = {type(value) for value in document.values()}
    lengths = {len(value) for value in document.values() if hasattr(value, "__len__")}
    return len(document) > 1 and shapes <= {dict, list} and len(lengths) == 1
