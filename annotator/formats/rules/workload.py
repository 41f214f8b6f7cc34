"""Tasks that are too much for one answer, or need what is not text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import regex

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import gettext
from annotator.formats.rules import screening
from annotator.formats.rules.outcomes import (
    NOTHING,
    Exclusion,
    Outcome,
    UnusableSetting,
)
from revision_engine.prompts import is_placeholder
from revision_engine.types import PairText

_MAKE = r"(?:write|compose|generate|create|produce|draft|give me|list|provide|make)"
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{1,7})"
_LENGTH = regex.compile(
    rf"\b{_MAKE}\b[^.!?\n]{{0,80}}?\b{_NUMBER}[ -]?words?\b"
    r"|(?:写|撰写|生成|创作)[^。！？\n]{0,40}?(\d{1,7})\s*(万|千)?\s*字",
    regex.IGNORECASE,
)
_PIECES = regex.compile(
    rf"\b{_MAKE}\b\s+(?:me\s+|up\s+)?(?:a\s+list\s+of\s+|a\s+set\s+of\s+)?{_NUMBER}\s+"
    r"(?:\w+\s+){0,3}?(?:poems?|stories|story|essays?|articles?|letters?|e-?mails?|"
    r"reviews?|songs?|scripts?|descriptions?|questions?|examples?|sentences?|ideas?|"
    r"names?|haikus?|jokes?|tweets?)\b"
    r"|(?:写|撰写|生成|创作|列出)\s*(\d{1,7})\s*(万|千)?\s*(?:篇|首|封|个|条|段)",
    regex.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_TIMES = {"千": 1_000, "万": 10_000}
_READ = regex.compile(
    r"\b(?:summari[sz]e|read|open|visit|watch|listen to|transcribe|analy[sz]e|look at|"
    r"check out|translate|describe)\b[^.!?\n]{0,80}?https?://\S+"
    r"|(?:阅读|打开|访问|观看|总结|概括|翻译)[^。！？\n]{0,40}?https?://\S+",
    regex.IGNORECASE,
)
_CHINESE_MEDIA = regex.compile(
    r"(?:这张|该|上面的|下面的|下列|以下|附件中?的|附上的|所附的?)\s*"
    r"(?:图片|图像|照片|截图|视频|音频|录音|语音)|(?:如|见|看)(?:上|下|附)图"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HintAtWorkload:
    """Proposes to set aside tasks in bulk, and those about a picture, sound or page."""

    key: ClassVar[str] = "workload"
    most_words: int = 3_000
    """That a question may ask for. 0: any."""
    most_pieces: int = 50
    """Poems, letters, examples … that it may ask for. 0: any."""
    media: bool = True
    """Pictures, sound and film that are not there."""
    links: bool = True
    """Pages that are to be read."""

    def __post_init__(self) -> None:
        if self.most_words < 0 or self.most_pieces < 0:
            raise UnusableSetting(
                gettext("most_words and most_pieces must be 0 or more.")
            )

    def check(self, pair: PairText) -> Outcome:
        instruction = pair.instruction.strip()
        source = "" if is_placeholder(pair.input) else pair.input.strip()
        caught = self._bulk(instruction) or self._not_text(instruction, source)
        return Outcome(exclusion=caught) if caught else NOTHING

    def _bulk(self, instruction: str) -> Exclusion | None:
        has_digit = _DIGIT.search(instruction)
        limits = ((_LENGTH, self.most_words), (_PIECES, self.most_pieces))
        for pattern, most in limits:
            found = pattern.search(instruction) if most and has_digit else None
            if found and _number(found) > most:
                return Exclusion(
                    ExclusionReason.MASSIVE_WORKLOAD,
                    gettext("It asks for more than %(most)s: “%(found)s”.")
                    % {"most": f"{most:,}", "found": found[0][:100]},
                )
        return None

    def _not_text(self, instruction: str, source: str) -> Exclusion | None:
        if self.media:
            found = _CHINESE_MEDIA.search(instruction)
            if found and not source:
                return Exclusion(
                    ExclusionReason.MULTI_MODAL,
                    gettext("It needs something that is not text: “%(found)s”.")
                    % {"found": found[0]},
                )
            if caught := screening.needs_media(instruction, source):
                return caught
        may_read = self.links and not source and "://" in instruction
        page = _READ.search(instruction) if may_read else None
        if page:
            return Exclusion(
                ExclusionReason.MULTI_MODAL,
                gettext("It wants a page to be read that is not here: “%(found)s”.")
                % {"found": page[0][:100]},
            )
        return None


def _number(found: regex.Match[str]) -> int:
    digits = found[1] or found[2]
    return int(digits.replace(",", "")) * _TIMES.get(found[3] or "", 1)
