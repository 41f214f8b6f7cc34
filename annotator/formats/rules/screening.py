"""At import: set aside what is nearly certainly not worth revising.

Precision comes before recall: a person sees every pair that no rule takes, and an
excluded one can be put back with one click.
"""

from __future__ import annotations

import re

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import gettext
from annotator.formats.rules.outcomes import Exclusion
from revision_engine.prompts import is_placeholder
from revision_engine.types import PairText

MASSIVE_CHARS = 8_000
MAX_BARE_WORDS = 20
"""A longer instruction may carry in itself what it speaks of."""


# After the noun only what leaves it a noun: no "video game", no "image of the brand".
_MEDIA = (
    r"(?:images?|pictures?|photo(?:graph)?s?|screenshots?|videos?|"
    r"audio(?:\s+(?:clip|file|recording))?)"
    r"(?=\s*+(?:[.,;!?]|:?\s*+$)|\s+(?:and|or|to|with|using|in|as|by|about|is|are)\b)"
)
_SHOWN = r"(?:attached|above|below|following|given|provided|uploaded)"
_NEEDS_MEDIA = re.compile(
    rf"\b(?:the|this|these)\s+{_SHOWN}\s+{_MEDIA}"
    rf"|\b(?:in|describe|caption|analy[sz]e)\s+this\s+{_MEDIA}",
    re.IGNORECASE,
)
# A word without which nothing is found above: to look for it takes a third of the time.
_MEDIUM = re.compile("image|picture|photo|screenshot|video|audio")
# Here a picture is what is talked about, or what a program will work on.
_ONLY_SPEAKS_OF_MEDIA = re.compile(
    r"\b(?:e-?mail|letter|message|story|poem|function|code|program|script|algorithm|"
    r"python|java(?:script)?|c\+\+|html|css|sql|command|app|website|model|"
    r"shows|depicts|contains|imagine)\b",
    re.IGNORECASE,
)
_MEDIA_FILE = re.compile(
    r"\S+\.(?:png|jpe?g|gif|webp|bmp|tiff?|mp3|wav|ogg|mp4|mov|avi|webm)"
    r"|[\[(<]?(?:image|picture|photo|video|audio)(?:\s+attached)?[\])>]?",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\W*(?:test|asdf+|xxx+|foo ?bar|lorem ipsum(?:[\s,.]+(?:dolor|sit|amet|"
    r"consectetur|adipiscing|elit|sed|do|eiusmod|tempor|incididunt|ut|labore|et|"
    r"dolore|magna|aliqua))*)\W*",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_OPERATOR = re.compile(r"[-+*/×÷^=<>%]")
_PROMISED = re.compile(
    r"\b(?:the|this)\s+(?:following|given|above|below|provided)\s+"
    r"(?:text|passage|paragraph|article|sentence|code|list|e-?mail|table)\s*[.:!?]?$",
    re.IGNORECASE,
)
_CARRIES_TEXT = re.compile(r"[\"“”«»`\n]|(?<!\w)'|[.:!?;]\s+\S")


def screen(pair: PairText) -> Exclusion | None:
    """The first rule that takes the pair; None if it should be revised."""
    instruction = pair.instruction.strip()
    source = "" if is_placeholder(pair.input) else pair.input.strip()
    return (
        _without_words(instruction)
        or needs_media(instruction, source)
        or _lacks_its_text(instruction, source)
        or _massive(pair)
    )


def _without_words(instruction: str) -> Exclusion | None:
    if _PLACEHOLDER.fullmatch(instruction):
        return Exclusion(
            ExclusionReason.INVALID_INPUT,
            gettext("The instruction is a placeholder: “%(found)s”.")
            % {"found": instruction[:60]},
        )
    if _LETTER.search(instruction) or _is_arithmetic(instruction):
        return None
    return Exclusion(
        ExclusionReason.INVALID_INPUT,
        gettext("The instruction holds no letters: “%(found)s”.")
        % {"found": instruction[:60]},
    )


def _is_arithmetic(instruction: str) -> bool:
    """Whether an operator stands behind a digit. One pattern for both would try every
    digit against all that follows."""
    digit = _DIGIT.search(instruction)
    return bool(digit and _OPERATOR.search(instruction, digit.end()))


def needs_media(instruction: str, source: str) -> Exclusion | None:
    """Not where words stand in for the picture, in the input or the instruction."""
    if source and not _MEDIA_FILE.fullmatch(source):
        return None
    if instruction.isascii() and not _MEDIUM.search(instruction.lower()):
        return None
    found = _NEEDS_MEDIA.search(instruction)
    if not found or _ONLY_SPEAKS_OF_MEDIA.search(instruction):
        return None
    if len(instruction.split()) > MAX_BARE_WORDS:
        return None
    return Exclusion(
        ExclusionReason.MULTI_MODAL,
        gettext("The instruction needs something that is not text: “%(found)s”.")
        % {"found": found[0]},
    )


def _lacks_its_text(instruction: str, source: str) -> Exclusion | None:
    if source:
        return None
    found = _PROMISED.search(instruction)
    if not found or _CARRIES_TEXT.search(instruction):
        return None
    if len(instruction.split()) > MAX_BARE_WORDS:
        return None
    return Exclusion(
        ExclusionReason.INVALID_INPUT,
        gettext("The instruction speaks of “%(found)s”, but there is no input.")
        % {"found": found[0]},
    )


def _massive(pair: PairText) -> Exclusion | None:
    size = len(pair.input) + len(pair.response)
    if size <= MASSIVE_CHARS:
        return None
    return Exclusion(
        ExclusionReason.MASSIVE_WORKLOAD,
        gettext(
            "Input and response have %(size)s characters together: pairs with "
            "more than %(most)s are excluded."
        )
        % {"size": f"{size:,}", "most": f"{MASSIVE_CHARS:,}"},
    )
