"""Words that a project wants a person to look at, or set aside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import regex

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import gettext
from annotator.formats.rules.outcomes import (
    NOTHING,
    Exclusion,
    Outcome,
    UnusableSetting,
)
from revision_engine.types import PairText

MOST_WORDS = 5_000
MOST_CHARS = 100
FEW = 200
_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
)
"""Scripts that put no spaces between words."""


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> regex.Pattern[str]:
    """Each word as one: with nothing of an alphabet right beside it.

    Where a word ends in a script without spaces, it may stand within others.
    """
    edge = rf"(?:(?<=[{_UNSPACED}])|(?![\w--[{_UNSPACED}]]))"
    begin = rf"(?:(?=[{_UNSPACED}])|(?<![\w--[{_UNSPACED}]]))"
    return regex.compile(
        rf"(?V1){begin}(?:\L<words>){edge}",
        regex.IGNORECASE,
        words=[" ".join(word.split()) for word in words],
    )


@lru_cache(maxsize=8)
def _parts(words: tuple[str, ...]) -> tuple[str, ...]:
    """Of each the first of its words, whatever the case: no match is without it."""
    return tuple(word.split()[0].casefold() for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSafetyWords:
    """Proposes to set aside a pair with a word of the project's list."""

    key: ClassVar[str] = "safety"
    words: tuple[str, ...] = ()
    """Whatever the case; one or some words each."""
    in_response: bool = True

    def __post_init__(self) -> None:
        if len(self.words) > MOST_WORDS:
            raise UnusableSetting(
                gettext("words: at most %(most)s.") % {"most": f"{MOST_WORDS:,}"}
            )
        for word in self.words:
            if not word.strip() or len(word) > MOST_CHARS:
                raise UnusableSetting(
                    gettext("words: %(word)r is empty or too long.") % {"word": word}
                )

    def check(self, pair: PairText) -> Outcome:
        if not self.words:
            return NOTHING
        read = [pair.instruction, pair.input]
        if self.in_response:
            read.append(pair.response)
        text = "\n".join(read)
        # Few words are looked for one by one: that is the faster look.
        folded = text.casefold()
        if len(self.words) <= FEW and not any(w in folded for w in _parts(self.words)):
            return NOTHING
        found = _pattern(self.words).search(text)
        if not found:
            return NOTHING
        return Outcome(
            tags=("safety",),
            exclusion=Exclusion(
                ExclusionReason.SAFETY,
                gettext("It has the word “%(found)s” of the list.")
                % {"found": found[0]},
            ),
        )
