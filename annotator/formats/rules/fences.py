"""Fenced code in a text, so that rules leave it as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_OPEN = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]{1,500}\1(?!`)")


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces that make it up again; True: fenced code, with its fences.

    A fence that is not closed goes to the end, as in Markdown.
    """
    piece: list[str] = []
    fence = ""
    for match in _LINE.finditer(text):
        line = match[0]
        if fence:
            piece.append(line)
            if _closes(line, fence):
                yield True, "".join(piece)
                piece, fence = [], ""
        elif opened := _OPEN.match(line.rstrip("\r\n")):
            if piece:
                yield False, "".join(piece)
            piece, fence = [line], opened[1]
        else:
            piece.append(line)
    if piece:
        yield bool(fence), "".join(piece)


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and set(bare) == {fence[0]}


def outside(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` made to all that is not fenced code."""
    if "```" not in text and "~~~" not in text:
        return change(text)
    return "".join(piece if code else change(piece) for code, piece in parts(text))


def prose(text: str) -> str:
    """The text without its code: fenced blocks, and spans between backticks."""
    if "`" not in text and "~~~" not in text:
        return text
    return _SPAN.sub(" ", "\n".join(piece for code, piece in parts(text) if not code))
