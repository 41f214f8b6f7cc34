"""Pairs too short to be one, or too long for people or for the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import regex

from annotator.domain.rubric import ExclusionReason
from annotator.domain.saying import field, gettext
from annotator.formats.rules.outcomes import (
    NOTHING,
    Exclusion,
    Outcome,
    UnusableSetting,
)
from revision_engine.types import PairText

_WIDE = regex.compile(r"[^\x00-\u052f\u1e00-\u20cf]")


def estimated_tokens(text: str) -> int:
    """About as many tokens as a model reads: a fourth of the signs of alphabets of
    Europe, and each sign of other scripts."""
    if text.isascii():
        return -(-len(text) // 4)
    wide = len(_WIDE.findall(text))
    return wide + -(-(len(text) - wide) // 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLength:
    """Proposes to set aside what is too short or too long. 0 sets no limit."""

    key: ClassVar[str] = "length"
    least_instruction: int = 2
    """Characters."""
    least_response: int = 1
    most_instruction: int = 0
    most_response: int = 0
    most_tokens: int = 4096
    """Of the whole pair, estimated: a model's own count may differ by a third."""

    def __post_init__(self) -> None:
        for name in ("instruction", "response"):
            least = getattr(self, f"least_{name}")
            most = getattr(self, f"most_{name}")
            if least < 0 or most < 0:
                raise UnusableSetting(
                    gettext("least_%(name)s and most_%(name)s must not be < 0.")
                    % {"name": name}
                )
            if most and most < least:
                raise UnusableSetting(
                    gettext(
                        "most_%(name)s (%(most)s) is less than least_%(name)s "
                        "(%(least)s)."
                    )
                    % {"name": name, "most": most, "least": least}
                )
        if self.most_tokens < 0:
            raise UnusableSetting(gettext("most_tokens must be 0 or more."))

    def check(self, pair: PairText) -> Outcome:
        for name in ("instruction", "response"):
            size = len(getattr(pair, name).strip())
            least = getattr(self, f"least_{name}")
            most = getattr(self, f"most_{name}")
            if size < least:
                return _aside(
                    ExclusionReason.INVALID_INPUT,
                    gettext(
                        "The %(name)s has %(size)s characters; at least %(least)s are "
                        "wanted."
                    )
                    % {"name": field(name), "size": size, "least": least},
                )
            if most and size > most:
                return _aside(
                    ExclusionReason.MASSIVE_WORKLOAD,
                    gettext(
                        "The %(name)s has %(size)s characters; at most %(most)s are "
                        "wanted."
                    )
                    % {"name": field(name), "size": f"{size:,}", "most": f"{most:,}"},
                )
        texts = (pair.instruction, pair.input, pair.response)
        tokens = sum(map(estimated_tokens, texts))
        if self.most_tokens and tokens > self.most_tokens:
            return _aside(
                ExclusionReason.MASSIVE_WORKLOAD,
                gettext(
                    "The pair has about %(tokens)s tokens; at most %(most)s are wanted."
                )
                % {"tokens": f"{tokens:,}", "most": f"{self.most_tokens:,}"},
            )
        return NOTHING


def _aside(reason: ExclusionReason, sentence: str) -> Outcome:
    return Outcome(exclusion=Exclusion(reason, sentence))
