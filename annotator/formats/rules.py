"""Rule scripts: set aside what is nearly certainly not worth revising.

Precision comes before recall: a person sees every pair that no rule takes, and an
excluded one can be put back with one click.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from annotator.domain.rubric import ExclusionReason
from revision_engine.prompts import meaningful_input
from revision_engine.types import PairText

MASSIVE_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a rule sets a pair aside, with a sentence that quotes the trigger."""

    reason: ExclusionReason
    sentence: str


_MEDIA = r"(?:image|picture|photo(?:graph)?|screenshot|video|audio(?: clip| file)?)"
_SEES_MEDIA = re.compile(
    rf"\b(?:the|this|following|given|attached|provided)\s+(?:attached|above|below|"
    rf"following|given|provided)\s+{_MEDIA}\b"
    rf"|\b(?:in|from|describe|caption|analy[sz]e)\s+(?:this|the attached)\s+{_MEDIA}\b"
    rf"|\b(?:attached|uploaded)\s+{_MEDIA}\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\W*(?:lorem ipsum.*|test|asdf+|xxx+|foo ?bar)\W*", re.IGNORECASE | re.DOTALL
)
_PROMISED = re.compile(
    r"\b(?:the|this)\s+(?:following|given|above|below|provided)\s+"
    r"(?:text|passage|paragraph|article|sentence|code|list|e-?mail|table)\s*[.:!?]?\s*$",
    re.IGNORECASE,
)


def screen(pair: PairText) -> Exclusion | None:
    """The first rule that takes the pair; None if it should be revised."""
    source = meaningful_input(pair.input)
    if not re.search(r"[^\W\d_]", pair.instruction):
        return Exclusion(
            ExclusionReason.INVALID_INPUT, "The instruction holds no letters."
        )
    if _PLACEHOLDER.fullmatch(pair.instruction.strip()):
        return Exclusion(
            ExclusionReason.INVALID_INPUT,
            f"The instruction is a placeholder: “{pair.instruction.strip()[:60]}”.",
        )
    if found := _SEES_MEDIA.search(pair.instruction):
        return Exclusion(
            ExclusionReason.MULTI_MODAL,
            f"The instruction needs something that is not text: “{found[0]}”.",
        )
    if not source and (found := _PROMISED.search(pair.instruction.strip())):
        return Exclusion(
            ExclusionReason.INVALID_INPUT,
            f"The instruction speaks of “{found[0].strip()}”, but there is no input.",
        )
    size = len(pair.input) + len(pair.response)
    if size > MASSIVE_CHARS:
        return Exclusion(
            ExclusionReason.MASSIVE_WORKLOAD,
            f"Input and response have {size:,} characters together.",
        )
    return None
