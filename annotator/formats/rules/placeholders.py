"""Gaps that were never filled in, and links that lead nowhere. No network is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import regex

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import gettext
from annotator.formats.rules.fences import prose
from annotator.formats.rules.outcomes import NOTHING, Exclusion, Outcome
from revision_engine.types import PairText

# {name}, not \frac{name}, x^{name}, ${name} or {1}: three letters at least.
_GAP = regex.compile(
    r"(?<![\w\\$^}{\])#%@])\{\{? ?[A-Za-z][A-Za-z_ ]{2,40} ?\}?\}(?![\w{(])"
    r"|[\[<](?:insert|enter|your|add|put|fill in|type|paste|replace)\b"
    r"[^\[\]<>\n]{1,80}[\]>](?!\()"
    r"|\[(?:PLACEHOLDER|TODO|TBD|TBA|REDACTED)\]|\bYOUR_[A-Z_]{2,40}\b"
    r"|[【\[<《](?:此处|在此|请)?(?:插入|填写|输入|填入)[^】\]>》\n]{0,40}[】\]>》]"
    r"|\blorem ipsum dolor\b",
    regex.IGNORECASE,
)
# A fast look: most texts have none of these.
_MAYBE = re.compile(r"[{\[<【《]|YOUR_|[Ll][Oo][Rr][Ee][Mm] ")
# Here a gap is what the pair is about.
_OF_TEMPLATES = regex.compile(
    r"\b(?:template|placeholders?|blanks?|fill|format|variables?|f-?string|function|"
    r"code|script|program|json|xml|html|css|regex|tags?|markdown|latex|sql|python|"
    r"java(?:script)?|email|letter)\b|模板|占位符|填空|代码|函数|变量|信",
    regex.IGNORECASE,
)
_LINK = regex.compile(r"!?\[[^\[\]\n]{0,300}\]\(\s*([^()\s]{0,500})[^()\n]{0,200}\)")
_NOWHERE = regex.compile(
    r"#?|(?:https?|ftp)://?|url|link|href|path|insert[-_ ]?(?:url|link)?|"
    r"(?:url|link|image)[-_ ]?here|your[-_]?(?:url|link)|javascript:.*|"
    r"(?:https?://)?(?:www\.)?(?:example|your-?(?:site|domain|website)|website|url|link)"
    r"(?:\.(?:com|org|net))?/?",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPlaceholders:
    """Tags gaps and dead links; a gap in the question is proposed to be set aside.

    A letter with `[Your Name]` may well be the right answer, so a gap in the response
    is tagged only; so is one in a question that speaks of templates or code.
    """

    key: ClassVar[str] = "placeholder"
    gaps: bool = True
    links: bool = True

    def check(self, pair: PairText) -> Outcome:
        asked = prose(f"{pair.instruction}\n{pair.input}")
        answered = prose(pair.response)
        in_question = _gap(asked) if self.gaps else None
        tags = []
        if in_question or (self.gaps and _gap(answered)):
            tags.append("placeholder")
        if self.links and (_dead_link(asked) or _dead_link(answered)):
            tags.append("broken link")
        if not tags:
            return NOTHING
        if not in_question or _OF_TEMPLATES.search(pair.instruction):
            return Outcome(tags=tuple(tags))
        return Outcome(
            tags=tuple(tags),
            exclusion=Exclusion(
                ExclusionReason.INVALID_INPUT,
                gettext("The question has a gap that was never filled in: “%(found)s”.")
                % {"found": in_question[0]},
            ),
        )


def _gap(text: str) -> regex.Match[str] | None:
    return _GAP.search(text) if _MAYBE.search(text) else None


def _dead_link(text: str) -> bool:
    if "](" not in text:
        return False
    return any(_NOWHERE.fullmatch(found[1]) for found in _LINK.finditer(text))
