"""Which language a pair is in, and whether it is one that the project wants."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import gettext
from annotator.domain.tokens import word_count
from annotator.formats.rules.fences import prose
from annotator.formats.rules.outcomes import (
    NOTHING,
    Exclusion,
    Outcome,
    UnusableSetting,
)
from revision_engine.types import PairText

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

TAG_SURE = 0.5
READ_CHARS, SHORT = 400, 100
"""What is read of each field: further text makes the answer no surer."""


@cache
def _identifier() -> LanguageIdentifier:
    """Loaded at its first text: it takes a second, and 120 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def identify(text: str) -> tuple[str, float]:
    """The likeliest language of a text (ISO 639-1), and how likely, from 0 to 1."""
    language, share = _identifier().classify(text)
    return str(language), float(share)


def ranked(text: str) -> dict[str, float]:
    """How likely a text is in each language."""
    return {name: float(share) for name, share in _identifier().rank(text)}


def language_of(text: str) -> str:
    """The language of a text (ISO 639-1); empty where it is short or not sure."""
    return _telling()._read(text)[0]


@cache
def _telling() -> TellLanguage:
    return TellLanguage()


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLanguage:
    """Tags a pair with its language, and proposes to set a foreign one aside.

    Foreign is a pair of which neither the instruction nor the response is in a wanted
    language: a translation has one side in another one.
    """

    key: ClassVar[str] = "language"
    wanted: tuple[str, ...] = ()
    """Codes such as en or zh; none: every language is wanted."""
    least_sure: float = 0.9
    """That a side is in none of these, from 0 to 1; a tag needs TAG_SURE."""
    least_words: int = 6
    """Of a shorter text nothing is said. A Chinese sign counts as a word."""

    def __post_init__(self) -> None:
        known = set(_identifier().labels) if self.wanted else set()
        for code in self.wanted:
            if code not in known:
                raise UnusableSetting(
                    gettext(
                        "wanted: %(code)s is none of the languages that are told "
                        "apart: %(known)s."
                    )
                    % {"code": code, "known": ", ".join(sorted(known))}
                )
        if not 0.0 <= self.least_sure <= 1.0:
            raise UnusableSetting(gettext("least_sure must be between 0 and 1."))
        if self.least_words < 1:
            raise UnusableSetting(gettext("least_words must be 1 or more."))

    def check(self, pair: PairText) -> Outcome:
        asked, asked_foreign = self._read(f"{pair.instruction}\n{pair.input}")
        if asked and not asked_foreign:
            return Outcome(tags=(f"lang:{asked}",))
        answered, answered_foreign = self._read(pair.response)
        told = [name for name in (asked, answered) if name]
        if not told:
            return NOTHING
        tags = (f"lang:{told[0]}",)
        if not (asked_foreign and answered_foreign):
            return Outcome(tags=tags)
        named = gettext(" and ").join(dict.fromkeys(told))
        return Outcome(
            tags=tags,
            exclusion=Exclusion(
                ExclusionReason.BEYOND_EXPERTISE,
                gettext(
                    "It is in another language (%(named)s) than the project's "
                    "(%(wanted)s)."
                )
                % {"named": named, "wanted": ", ".join(self.wanted)},
            ),
        )

    def _read(self, text: str) -> tuple[str, bool]:
        """The language of a text, empty where that is not sure; and whether it is
        surely none that is wanted."""
        read = prose(text)[:READ_CHARS]
        if word_count(read[:SHORT]) < self.least_words > word_count(read):
            return "", False
        likely, share = identify(read)
        if share < TAG_SURE:
            return "", False
        if not self.wanted or likely in self.wanted:
            return likely, False
        shares = ranked(read)
        here = sum(shares.get(code, 0.0) for code in self.wanted)
        return likely, here <= 1 - self.least_sure
