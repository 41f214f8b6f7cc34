"""One way to write the same: what a reader cannot see is made alike.

What scripts need stays: combining signs, the zero-width joiner and non-joiner (Hindi,
Persian, emoji), marks of direction, the break signs of Thai and its neighbours, and
compatibility ideographs, which names are written with. Fenced code stays as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from annotator.domain.saying import gettext
from annotator.formats.rules.fences import outside
from annotator.formats.rules.outcomes import NOTHING, Outcome, UnusableSetting
from revision_engine.types import PairText

# NFC would put another character in the place of these.
_KEPT = regex.compile(r"([\uF900-\uFAFF\U0002F800-\U0002FA1F]+)")
_LINE_ENDS = regex.compile(r"\r\n|[\r\u0085\u2028\u2029]")
_BLANKS = " \t\u00a0\u3000"
_WITHOUT_SPACES = r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}]"
# Before a backtick or a tilde one stays: without it a fence might begin there.
_ZERO_WIDTH = regex.compile(
    rf"(?:[\u2060\uFEFF]|(?<!{_WITHOUT_SPACES}\p{{M}}*)\u200B(?!{_WITHOUT_SPACES}))"
    r"(?![\u200B\u2060\uFEFF]*[`~])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalise:
    """Makes alike what looks alike; each part can be switched off."""

    key: ClassVar[str] = "normalise"
    unicode_nfc: bool = True
    line_ends: bool = True
    trailing_blanks: bool = True
    zero_width: bool = True
    most_blank_lines: int = 2
    """In a row; further ones go. 0 leaves all."""

    def __post_init__(self) -> None:
        if self.most_blank_lines < 0:
            raise UnusableSetting(
                gettext("most_blank_lines must be 0 or more, got %(most_blank_lines)s.")
                % {"most_blank_lines": self.most_blank_lines}
            )

    def check(self, pair: PairText) -> Outcome:
        text = PairText(
            instruction=self._field(pair.instruction),
            input=self._field(pair.input),
            response=self._field(pair.response),
        )
        return NOTHING if text == pair else Outcome(text=text)

    def _field(self, text: str) -> str:
        if text.isascii() and text.isprintable() and not text.endswith(" "):
            return text
        return outside(text, self._prose)

    def _prose(self, text: str) -> str:
        if self.line_ends:
            text = _LINE_ENDS.sub("\n", text)
        if self.zero_width:
            text = _ZERO_WIDTH.sub("", text)
        if self.unicode_nfc and not unicodedata.is_normalized("NFC", text):
            text = "".join(
                part if number % 2 else unicodedata.normalize("NFC", part)
                for number, part in enumerate(_KEPT.split(text))
            )
        lines = text.split("\n")
        if self.trailing_blanks:
            lines = list(_without_trailing(lines))
        if self.most_blank_lines:
            lines = list(_fewer_blank(lines, self.most_blank_lines))
        return "\n".join(lines)


def _without_trailing(lines: list[str]) -> Iterator[str]:
    """Two blanks before a further line are a break of Markdown, and stay."""
    for number, line in enumerate(lines):
        bare = line.rstrip(_BLANKS)
        goes_on = number + 1 < len(lines) and lines[number + 1].strip()
        is_break = bare and line[len(bare) :] == "  " and goes_on
        yield line if is_break else bare


def _fewer_blank(lines: list[str], most: int) -> Iterator[str]:
    """The first and last part of a split text are no lines of their own."""
    blank = 0
    for number, line in enumerate(lines):
        blank = 0 if line.strip() else blank + 1
        if blank <= most or number == len(lines) - 1:
            yield line
