"""A pair and the turns before it as chats are written."""

from __future__ import annotations

from typing import Any

from annotator.formats.exports.sources import PairSource
from annotator.formats.shapes import giving_back


def asked(source: PairSource) -> str:
    """Instruction and input as one text, with a blank line between them."""
    if source.input:
        return f"{source.instruction}\n\n{source.input}"
    return source.instruction


def messages(source: PairSource) -> list[dict[str, Any]]:
    """OpenAI's: the turns before the pair as the file had them, then the pair."""
    return giving_back.messages(source.text, source.context, source.shape)


def conversations(source: PairSource) -> list[dict[str, Any]]:
    """ShareGPT's: the same with `from` and `value`."""
    return giving_back.sharegpt(source.text, source.context, source.shape)
